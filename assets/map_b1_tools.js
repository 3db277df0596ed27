/**
 * What a tool of the page 选址 needs on the map: the nearest street under the pointer, and a layer for what it can be
 * used on, what is being drawn, and what was just done and is being saved.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const TILE_ZOOM = 13;
  const EQUATOR_M = 40075016.686;
  const UNIT = 1 / 2 ** 24;

  /** The foot of a point on a segment, all in one flat measure. */
  function foot(ax, ay, bx, by, x, y) {
    const [dx, dy] = [bx - ax, by - ay];
    const whole = dx * dx + dy * dy;
    const share = whole ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / whole)) : 0;
    return [ax + share * dx, ay + share * dy];
  }

  function nearestIn({ ptr, xy }, x, y, best) {
    for (let i = 0; i + 1 < ptr.length; i++) {
      for (let v = ptr[i]; v + 1 < ptr[i + 1]; v++) {
        const at = foot(xy[2 * v], xy[2 * v + 1], xy[2 * v + 2], xy[2 * v + 3], x, y);
        const away = Math.hypot(at[0] - x, at[1] - y);
        if (away < best.away) Object.assign(best, { away, x: at[0], y: at[1] });
      }
    }
  }

  /**
   * The nearest place on a street that has been loaded (streets come from zoom 14 on).
   * @param {View} view @param {L.LatLng} at @param {number} withinM
   * @returns {?{at: L.LatLng, metres: number}} null where there is none so near; undefined where streets are not known
   */
  citymap.snapStreet = (view, at, withinM) => {
    const tiles = view.layers.streets && view.layers.streets._tiles;
    const [mx, my] = citymap.mercator(at.lat, at.lng);
    const metre = 1 / (EQUATOR_M * Math.cos((at.lat * Math.PI) / 180));
    const reach = withinM * metre;
    let [found, known] = [null, false];
    const columns = new Set([mx - reach, mx + reach].map((x) => Math.floor(x * 2 ** TILE_ZOOM)));
    const rows = new Set([my - reach, my + reach].map((y) => Math.floor(y * 2 ** TILE_ZOOM)));
    columns.forEach((column) =>
      rows.forEach((row) => {
        const tile = tiles && tiles.get(`${column}/${row}`);
        if (!tile || tile === "asked") return;
        known = true;
        const [left, top] = [column / 2 ** TILE_ZOOM, row / 2 ** TILE_ZOOM];
        const best = { away: found ? found.away : reach / UNIT };
        nearestIn(tile, (mx - left) / UNIT, (my - top) / UNIT, best);
        if (best.x !== undefined) found = { away: best.away, x: left + best.x * UNIT, y: top + best.y * UNIT };
      }),
    );
    if (!known) return undefined;
    return found && { at: citymap.place(found.x, found.y), metres: (found.away * UNIT) / metre };
  };

  const INK = "#14375f";
  const LOOKS = { gate: "#b3261e", site: "#1d5fae" };

  citymap.ToolLayer = citymap.CanvasLayer.extend({
    /** What a tool can be used on. @param {?{aim: string, lat: number[], lon: number[], words: string[], id: string[]}} things */
    offer(things) {
      this._things = things;
      this._xy = things ? things.lat.map((lat, i) => citymap.mercator(lat, things.lon[i])) : [];
      this.redraw();
    },
    /** What is being drawn. @param {{line: L.LatLng[], snapped: ?L.LatLng, lost: boolean, from: ?L.LatLng, ghost: ?L.LatLng}} sketch */
    sketch(sketch) {
      this._sketch = sketch;
      this.redraw();
    },
    /** Where something was just done that is not answered yet. @param {Array<L.LatLng[]>} places */
    wait(places) {
      this._waiting = places;
      this.redraw();
    },
    draw(context, frame) {
      const point = ({ lat, lng }) => {
        const [x, y] = citymap.mercator(lat, lng);
        return [x * frame.scale + frame.left, y * frame.scale + frame.top];
      };
      this._frame = frame;
      this._spots = [];
      this._xy?.forEach(([mx, my], i) => {
        const x = mx * frame.scale + frame.left;
        const y = my * frame.scale + frame.top;
        if (x < 0 || y < 0 || x > frame.width || y > frame.height) return;
        this._spots.push({ i, x, y });
        (this._things.aim === "gate" ? gate : square)(context, x, y, frame.zoom >= 13 ? 8 : 4.5);
      });
      (this._waiting || []).forEach((places) => waiting(context, places.map(point)));
      if (this._sketch) sketched(context, this._sketch, point);
    },
    /** @param {L.LatLng} at @returns {number} what is offered under the place, or -1 */
    pick(at) {
      if (!this._frame || !this._things) return -1;
      const [mx, my] = citymap.mercator(at.lat, at.lng);
      const x = mx * this._frame.scale + this._frame.left;
      const y = my * this._frame.scale + this._frame.top;
      const near = this._spots
        .map((spot) => ({ i: spot.i, away: Math.hypot(spot.x - x, spot.y - y) }))
        .filter(({ away }) => away <= 12)
        .sort((a, b) => a.away - b.away)[0];
      return near ? near.i : -1;
    },
    /** @returns {?{aim: string, id: string, words: string, at: L.LatLng}} one of the things offered */
    thing(i) {
      if (i < 0) return null;
      const { aim, lat, lon, words, id } = this._things;
      return { aim, id: id[i], words: words[i], at: L.latLng(lat[i], lon[i]) };
    },
  });

  /** A shut gate: two posts and a bar. */
  function gate(context, x, y, size) {
    context.lineCap = "round";
    for (const [colour, width] of [["#ffffff", size / 1.6 + 2], [LOOKS.gate, size / 2.6]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      for (const side of [-size, size]) {
        context.moveTo(x + side, y - size * 0.8);
        context.lineTo(x + side, y + size * 0.8);
      }
      context.moveTo(x - size, y);
      context.lineTo(x + size, y);
      context.stroke();
    }
  }

  function square(context, x, y, size) {
    context.fillStyle = LOOKS.site;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.6;
    context.fillRect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
    context.strokeRect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
  }

  function stroke(context, points, { colour, width, dash = [] }) {
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    points.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
    context.stroke();
    context.setLineDash([]);
  }

  function ring(context, [x, y], { radius, colour, fill }) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.lineWidth = 2.5;
    context.strokeStyle = colour;
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    context.stroke();
  }

  function waiting(context, points) {
    stroke(context, points, { colour: INK, width: 3, dash: [4, 4] });
    points.forEach((at) => ring(context, at, { radius: 10, colour: INK, fill: "rgba(255,255,255,0.6)" }));
  }

  function sketched(context, { line = [], snapped, lost, from, ghost }, point) {
    const points = line.map(point);
    if (points.length > 1) {
      stroke(context, points, { colour: "#ffffff", width: 6 });
      stroke(context, points, { colour: INK, width: 3, dash: [8, 5] });
    }
    points.slice(0, -1).forEach((at) => ring(context, at, { radius: 5, colour: INK, fill: "#ffffff" }));
    if (snapped) ring(context, point(snapped), { radius: 7, colour: "#0b6b50", fill: "rgba(23,166,122,0.35)" });
    if (lost && points.length) ring(context, points[points.length - 1], { radius: 7, colour: "#b3261e" });
    if (from && ghost) stroke(context, [point(from), point(ghost)], { colour: INK, width: 2, dash: [6, 5] });
    if (ghost) ring(context, point(ghost), { radius: 8, colour: INK, fill: "rgba(255,255,255,0.85)" });
  }
})();
