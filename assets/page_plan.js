/**
 * The tab 优选 in the browser: pictures of lines (value and bound over time, people against the number of facilities),
 * drawn as SVG beside the words and tables that say the same.
 *
 * @typedef {Object} Chart
 * @property {string} label what the picture shows, for those who cannot see it
 * @property {string} x title of the lower axis @property {string} y title of the left axis
 * @property {Array<{title: string, look: "value"|"bound"|"other", step: boolean, dots: boolean, points: number[][]}>} series
 * @property {boolean} close whether the picture is drawn around the last values rather than from nought
 */
(() => {
  "use strict";
  if (!window.dash_clientside) window.dash_clientside = {};
  const same = () => window.dash_clientside.no_update;

  const SPACE = "http://www.w3.org/2000/svg";
  const [WIDTH, HEIGHT] = [360, 132];
  const ROOM = { left: 52, right: 10, top: 8, bottom: 30 };

  function drawn(tag, attributes, text) {
    const node = document.createElementNS(SPACE, tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /** A number as short as an axis needs it. @param {number} value @param {number} step between the marks */
  function short(value, step) {
    if (Math.abs(value) >= 10000) return `${(value / 10000).toFixed(Math.min(3, Math.max(0, Math.ceil(-Math.log10(step / 10000)))))} 万`;
    return value.toLocaleString("zh-CN", { maximumFractionDigits: step >= 1 ? 0 : step >= 0.1 ? 1 : 2 });
  }

  /** Round marks between two values. @returns {number[]} */
  function marks(least, most, wanted) {
    const rough = (most - least) / wanted || 1;
    const ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((by) => by * ten).find((one) => one >= rough);
    const found = [];
    for (let at = Math.ceil(least / step) * step; at <= most + step * 1e-9; at += step) found.push(Number(at.toPrecision(12)));
    return Object.assign(found, { step });
  }

  /** The least and most value to draw; with close, around where the lines end. */
  function range(values, ends, close) {
    let least = close ? Math.min(...ends) : Math.min(0, ...values);
    let most = close ? Math.max(...ends) : Math.max(...values);
    if (close) {
      const own = Math.max(most - least, Math.abs(most) * 0.002, 1e-6);
      least -= own;
      most += own;
    } else most += (most - least) * 0.05 || 1;
    return [least, most];
  }

  /** @param {HTMLElement} box @param {?Chart} chart */
  function paint(box, chart) {
    const series = chart ? chart.series.filter(({ points }) => points.length) : [];
    if (!series.length) return box.replaceChildren();
    const all = series.flatMap(({ points }) => points);
    const ends = series.map(({ points }) => points[points.length - 1][1]);
    const [x0, x1] = [Math.min(...all.map(([x]) => x)), Math.max(...all.map(([x]) => x))];
    const [y0, y1] = range(all.map(([, y]) => y), ends, chart.close);
    const px = (x) => ROOM.left + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - ROOM.left - ROOM.right);
    const py = (y) => HEIGHT - ROOM.bottom - ((Math.min(Math.max(y, y0), y1) - y0) / (y1 - y0)) * (HEIGHT - ROOM.top - ROOM.bottom);
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plan-lines", role: "img", "aria-label": chart.label });
    axes(svg, { chart, px, py, x: marks(x0, x1, 5), y: marks(y0, y1, 3) });
    series.forEach((one) => line(svg, one, { px, py }));
    box.replaceChildren(svg, key(series));
    return undefined;
  }

  function axes(svg, { chart, px, py, x, y }) {
    y.forEach((at) => {
      svg.append(drawn("line", { x1: ROOM.left, x2: WIDTH - ROOM.right, y1: py(at), y2: py(at), class: "plan-rule" }));
      svg.append(drawn("text", { x: ROOM.left - 5, y: py(at) + 3, "text-anchor": "end" }, short(at, y.step)));
    });
    x.forEach((at) => svg.append(drawn("text", { x: px(at), y: HEIGHT - 18, "text-anchor": "middle" }, short(at, x.step))));
    svg.append(drawn("text", { x: (WIDTH + ROOM.left) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, `${chart.x}；纵轴：${chart.y}`));
  }

  function line(svg, { points, look, step, dots }, { px, py }) {
    const path = points.map(([x, y], i) => {
      if (!i) return `M${px(x)},${py(y)}`;
      return step ? `H${px(x)}V${py(y)}` : `L${px(x)},${py(y)}`;
    });
    svg.append(drawn("path", { d: path.join(""), class: `plan-line plan-line-${look}` }));
    if (dots) points.forEach(([x, y]) => svg.append(drawn("circle", { cx: px(x), cy: py(y), r: 3, class: `plan-dot plan-line-${look}` })));
  }

  function key(series) {
    const box = document.createElement("div");
    box.className = "plan-key";
    series.forEach(({ title, look }) => {
      const item = document.createElement("span");
      const swatch = document.createElement("i");
      swatch.className = `plan-swatch plan-line-${look}`;
      item.append(swatch, document.createTextNode(title));
      box.append(item);
    });
    return box;
  }

  /** Draw a picture into a box. @param {?Chart} chart @param {string} id of the box */
  function chart(given, id) {
    const box = document.getElementById(id);
    if (box) paint(box, given);
    return same();
  }

  /** Scroll the tab, and only the tab, so that a part of it is at its top. @param {HTMLElement} part */
  function toTop(part) {
    const room = part.closest(".mantine-Tabs-panel");
    if (room) room.scrollTop += part.getBoundingClientRect().top - room.getBoundingClientRect().top - 4;
  }

  /** A card was opened by a click on the map: bring it into view. @param {string} title @param {string} id */
  function reveal(title, id) {
    const part = document.getElementById(id);
    if (!title || !part) return same();
    requestAnimationFrame(() => {
      const room = part.closest(".mantine-Tabs-panel");
      const [own, all] = [part.getBoundingClientRect(), room && room.getBoundingClientRect()];
      if (room && (own.top < all.top || own.bottom > all.bottom)) toTop(part);
    });
    return same();
  }

  let seen = 0;

  /**
   * The planner began a run: look at its progress, and at its result when that is there.
   * @param {?number} clicks @param {?{phase: string}} run @param {?Object[]} rows of the result @param {string} id
   */
  function follow(clicks, run, rows, id) {
    const part = document.getElementById(id);
    if (!part || !clicks || clicks === seen || !run || !run.phase) return same();
    requestAnimationFrame(() => toTop(part));
    if (run.phase === "done" && rows && rows.length) seen = clicks;
    return same();
  }

  window.dashMantineFunctions = Object.assign({}, window.dashMantineFunctions, {
    /* An aim in the chooser, with the sentence when to use it. */
    planOption: ({ option, checked }) => {
      const make = window.React.createElement;
      return make(
        "div",
        { className: `plan-option${checked ? " chosen" : ""}` },
        make("span", null, option.label),
        make("small", null, option.hint),
      );
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { plan: { ...window.dash_clientside.plan, chart, follow, reveal } });
})();
