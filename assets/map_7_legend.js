/**
 * What is written beside the map: the legend, the values under the pointer, and the marks of what was clicked.
 * Everything is written as text, never as HTML, whatever the names are.
 */
(() => {
  "use strict";
  if (!window.citymap) return;
  const { count, percent } = citymap;

  function made(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /** @param {HTMLElement} box @param {Object} picture */
  citymap.writeLegend = (box, picture) => {
    const table = made("table");
    table.append(made("caption", "", picture.legend.title));
    for (const { title, colour, pattern, units, people, share } of picture.legend.classes) {
      const row = made("tr");
      const swatch = made("i", pattern ? `citymap-swatch citymap-${pattern}` : "citymap-swatch");
      swatch.style.backgroundColor = colour;
      const name = made("th");
      name.scope = "row";
      name.append(swatch, made("span", "", title));
      row.append(name);
      if (units !== undefined) row.append(made("td", "", `${count(units)} 个`));
      row.append(made("td", "", `${count(people)} 人`), made("td", "", percent(share)));
      table.append(row);
    }
    box.replaceChildren(table, made("p", "", picture.legend.note));
  };

  /** Say what a click would ask about. @param {string} id of the map @param {Object} picture */
  citymap.writeHint = (id, picture) => {
    const box = document.getElementById(`${id}-hint`);
    if (!box) return;
    const units = picture.near ? "单击区域查看指标，放大后显示人口格点。" : "单击区域查看指标。";
    box.textContent = `${picture.kind === "cells" ? "单击格点查看步行路径与依据。" : units}单击设施查看服务范围，按 Esc 取消。`;
  };

  const ledger = (flag) => (flag === citymap.NO_RADIUS ? "条款未给出服务半径" : flag ? "服务半径以内" : "服务半径以外");

  function walked(seconds) {
    const minutes = citymap.inMinutes(seconds);
    return Number.isFinite(minutes) ? `步行 ${minutes.toFixed(1)} 分钟` : "60 分钟内不可达";
  }

  /** @returns {string[]} what is known of a cell without asking the server */
  citymap.wordsOfCell = (picture, arrays, cell) => {
    const words = [];
    const [was] = arrays.before ? arrays.before.subarray(cell, cell + 1) : [];
    if (was !== undefined) words.push(`原${walked(was)}`);
    if (arrays.seconds && picture.view !== "circle") words.push(`${was === undefined ? "" : "现"}${walked(arrays.seconds[cell])}`);
    if (arrays.official && !["network", "change"].includes(picture.view)) words.push(ledger(arrays.official[cell]));
    if (arrays.missing) words.push(arrays.missing[cell] ? `缺 ${arrays.missing[cell]} 项` : "必备要素全部可达");
    if (arrays.people) words.push(`${picture.group} ${arrays.people[cell].toFixed(1)} 人`);
    const community = arrays.names && arrays.names[arrays.geometry.community[cell]];
    return community ? [community, ...words] : words;
  };

  /** @returns {string[]} what is known of a unit */
  citymap.wordsOfUnit = (picture, unit) => {
    const { values, people, reached, words: own } = picture.units;
    if (own) return [unit.name, ...(own[unit.row] || [])];
    const words = [unit.name, `${picture.legend.title} ${percent(values[unit.row])}`];
    words.push(`${picture.group} ${count(people[unit.row] || 0)} 人`);
    if (reached && reached[unit.row] !== null) words.push(`${picture.units.reachedTitle} ${count(reached[unit.row])} 人`);
    return words;
  };

  citymap.tip = (map) => {
    const tip = L.tooltip({ className: "citymap-tip", offset: [14, 0], direction: "right", opacity: 0.95 });
    return {
      show(at, words) {
        const box = made("div");
        words.forEach((word, i) => box.append(made(i ? "div" : "strong", "", word)));
        tip.setLatLng(at).setContent(box);
        if (!map.hasLayer(tip)) tip.addTo(map);
      },
      hide() {
        tip.remove();
      },
    };
  };

  const INK = "#1a2433";
  const PATH = { color: "#d6006c", weight: 4, opacity: 0.95, interactive: false };

  /** Draws what the server answered about the clicked place: a walked path, or what a facility serves. */
  citymap.ProofLayer = L.Layer.extend({
    initialize(options) {
      L.setOptions(this, options);
    },
    onAdd(map) {
      const { pane } = this.options;
      this._renderer = L.canvas({ pane, padding: 0.25 });
      this._group = L.layerGroup([], { pane }).addTo(map);
    },
    onRemove() {
      this._group.remove();
    },
    clear() {
      this._group.clearLayers();
    },
    /** @param {Object} proof {path, straight, outline, streets, marks}: lists of [lat, lng] */
    show({ path = null, straight = null, outline = [], streets = [], marks = [] }) {
      this.clear();
      const own = { renderer: this._renderer, pane: this.options.pane, interactive: false };
      if (streets.length) L.polyline(streets, { ...PATH, ...own, weight: 2.5, opacity: 0.8 }).addTo(this._group);
      if (path && path.length) {
        L.polyline(path, { ...PATH, ...own, color: "#ffffff", weight: 7 }).addTo(this._group);
        L.polyline(path, { ...PATH, ...own }).addTo(this._group);
      }
      if (straight) {
        L.polyline(straight, { ...PATH, ...own, color: "#ffffff", weight: 5 }).addTo(this._group);
        L.polyline(straight, { ...PATH, ...own, color: INK, weight: 2.5, dashArray: "7 6" }).addTo(this._group);
      }
      outline.forEach((ring) => L.polyline(ring, { ...PATH, ...own, weight: 3 }).addTo(this._group));
      marks.forEach(({ at, kind }) => this._mark(at, kind, own));
      this._group.eachLayer((layer) => layer.redraw && layer.redraw());
    },
    _mark(at, kind, own) {
      const style = { color: "#d6006c", weight: 3, fillColor: "#ffffff", fillOpacity: 1, radius: 6 };
      const looks = {
        goal: { ...style, fillColor: "#d6006c" },
        barrier: { ...style, color: "#ffffff", weight: 2, fillColor: INK, radius: 7 },
        passage: { ...style, color: INK, radius: 5 },
      };
      const look = looks[kind] || style;
      L.circleMarker(at, { ...look, ...own }).addTo(this._group);
      if (kind === "found") L.circleMarker(at, { ...style, ...own, fill: false, radius: 16, weight: 2 }).addTo(this._group);
    },
  });
})();
