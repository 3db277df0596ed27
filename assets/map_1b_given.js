/**
 * Values that come with a picture, by the address under which they lie: what is given is not fetched. Under a scenario
 * these are the few in which it differs from its base (see dashboard/given_values.py).
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const bytesOf = (text) => Uint8Array.from(window.atob(text), (letter) => letter.charCodeAt(0)).buffer;

  /** The facilities of the base with those that a scenario changes. */
  function patched(known, { gone, put, shift, more }) {
    const without = new Set(gone);
    const left = known.row.map((_, at) => at).filter((at) => !without.has(at));
    const out = Object.fromEntries(Object.keys(more).map((name) => [name, left.map((at) => known[name][at])]));
    shift.forEach(([from, by], i) => {
      const to = i + 1 < shift.length ? shift[i + 1][0] : left.length;
      for (let at = from; at < to; at++) out.row[at] += by;
    });
    put.forEach(([at, lon, lat, name]) => {
      [out.lon[at], out.lat[at], out.name[at]] = [lon, lat, name];
    });
    Object.entries(more).forEach(([name, values]) => out[name].push(...values));
    return out;
  }

  /** @param {?Object} given values by their address: {bytes}, or {of, …} to be put into what lies under another */
  citymap.give = (given) => {
    Object.entries(given || {}).forEach(([url, one]) => {
      if (one.bytes !== undefined) citymap.keep(url, async () => bytesOf(one.bytes));
      else citymap.keep(url, async () => patched(await citymap.fetched(one.of, "json"), one));
    });
  };
})();
