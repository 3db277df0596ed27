/**
 * The picture of a question before the server has answered: a change of element, walker or minutes only needs seconds
 * that lie under a known address, and sums. What the server then sends is the same and takes its place.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const ARRAYS = ["cells", "seconds", "changes", "before", "official", "missing"];
  const trimmed = (number) => String(Number(number.toPrecision(6)));

  /** As minute_scale in layers/scale.py, with the colours and words that the server sent. */
  function minuteScale(minutes, facts) {
    const within = [...facts.breaks.filter((b) => b < minutes), minutes];
    const titles = within.map((high, i) => `${i ? `${trimmed(within[i - 1])}–` : "≤ "}${trimmed(high)} 分钟`);
    const colours = [...facts.ramps[within.length]];
    const breaks = [...within];
    if (minutes < facts.most) {
      breaks.push(facts.most);
      titles.push(facts.beyond[0]);
      colours.push(facts.beyond[1]);
    }
    titles.push(facts.unreached[0]);
    colours.push(facts.unreached[1]);
    return { breaks, upperClosed: true, hasMissing: false, titles, colours };
  }

  /** Where seconds lie, and under a scenario what is to be put into those of the city as it is (callbacks/wire.py). */
  function timeUrls({ base, home }, query) {
    const speed = query.speed_m_s === null || query.speed_m_s === undefined ? "" : `&speed_m_s=${query.speed_m_s}`;
    const walk = `walker=${encodeURIComponent(query.walker)}&inclusive=${query.inclusive ? 1 : 0}${speed}`;
    const rest = `${encodeURIComponent(query.element)}?${walk}`;
    const today = base.slice(0, base.lastIndexOf("/") + 1) + home;
    return { seconds: `${today}/seconds/${rest}`, changes: base === today ? null : `${base}/changes/${rest}` };
  }

  /** Tell whether only what a walk depends on was changed. */
  function onlyWalk(before, after, free) {
    return Object.keys(before).every((name) => free.includes(name) || String(before[name]) === String(after[name]));
  }

  function changed(picture, ground, query) {
    const asked = { ...query, unit: picture.asked.unit };
    const free = ["minutes", "walker", "speed_m_s", "inclusive"];
    if (query.view === "network") free.push("element");
    if (!onlyWalk(picture.asked, asked, free) || onlyWalk(picture.asked, asked, [])) return null;
    const timed = query.view === "network" || query.view === "difference";
    if (!timed || !picture.urls.seconds || ground.hidden.includes(query.element)) return null;
    const urls = { ...picture.urls, ...timeUrls(picture, query) };
    if (query.element !== picture.asked.element) urls.official = null;
    const scale = query.view === "network" ? minuteScale(query.minutes, ground.minutes) : picture.scale;
    return { ...picture, key: null, asked, urls, scale, threshold: query.minutes * 60 };
  }

  /** @returns {?Object} the picture of a question that differs from a drawn one in element, walker or minutes only */
  citymap.foresee = (picture, ground, query) => {
    if (!picture || !ground || picture.asked.unit !== query.unit) return null;
    if (picture.kind === "cells") return changed(picture, ground, query);
    const near = picture.near && changed(picture.near, ground, query);
    if (!near || query.view !== "network" || query.unit !== "community") return null;
    return { ...picture, key: null, asked: query, threshold: near.threshold, near };
  };

  function legend(before, scale, weights) {
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const classes = scale.titles.map((title, i) => ({
      title,
      colour: scale.colours[i],
      people: weights[i],
      share: whole ? weights[i] / whole : null,
    }));
    return { ...before, classes };
  }

  /** Count the people of the legend in the classes of the cells. */
  citymap.countCells = (picture, arrays) => {
    const weights = new Float64Array(picture.scale.titles.length);
    const classes = citymap.classesOf(picture, arrays);
    for (let i = 0; i < classes.length; i++) weights[classes[i]] += arrays.people[i];
    return { ...picture, legend: legend(picture.legend, picture.scale, Array.from(weights)) };
  };

  /** Sum what the cells reach into their communities. */
  citymap.countUnits = (picture, arrays) => {
    const { people } = picture.units;
    const reached = new Float64Array(people.length);
    for (let i = 0; i < arrays.seconds.length; i++) {
      const row = arrays.geometry.community[i];
      if (row < reached.length && arrays.seconds[i] <= picture.threshold) reached[row] += arrays.people[i];
    }
    // Sums of binary fractions: what is within a millionth of the whole is the whole.
    const values = Array.from(reached, (count, row) => (people[row] ? Math.min(1, count / people[row] + 1e-7) : null));
    const weights = new Float64Array(picture.scale.titles.length);
    values.forEach((value, row) => {
      const at = citymap.classOf(picture.scale, value);
      if (at < weights.length) weights[at] += people[row] || 0;
    });
    const units = { ...picture.units, values, reached: Array.from(reached) };
    return { ...picture, units, legend: legend(picture.legend, picture.scale, Array.from(weights)) };
  };

  /** What the colours of the cells depend on: equal words mean equal pixels. */
  citymap.wordsOf = (picture) =>
    JSON.stringify([picture.view, picture.threshold, picture.scale, ...ARRAYS.map((name) => picture.urls[name])]);

  /** When nothing else is to be done: fetch the seconds of the other walkers to the element that is looked at. */
  citymap.prepareOthers = (picture, ground) => {
    if (!ground || picture.alone || !picture.urls.seconds || picture.asked.speed_m_s) return;
    const rest = ground.walkers.filter((walker) => walker !== picture.asked.walker);
    const fetchAll = () =>
      rest
        .flatMap((walker) => Object.values(timeUrls(picture, { ...picture.asked, walker })))
        .forEach((url) => url && citymap.fetched(url, "arrayBuffer").catch(() => {}));
    if (window.requestIdleCallback) window.requestIdleCallback(fetchAll, { timeout: 4000 });
  };
})();
