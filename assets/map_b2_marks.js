/**
 * The edits of a scenario on the map, each with its number in the list: what is new is a filled disc, what is gone a
 * crossed one, what has changed a ring; new ways are thick lines, gates and estates have signs of their own.
 *
 * @typedef {Object} Mark
 * @property {number} number @property {string} kind @property {string} words
 * @property {?[number, number]} at @property {?[number, number]} from @property {?Array<[number, number]>} line
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const NEW = "#0b5d8a";
  const GONE = "#7a1f1f";
  const WAY = "#7b2cbf";
  const GONE_KINDS = ["facility_close", "way_remove", "gate_close"];

  citymap.EditLayer = citymap.CanvasLayer.extend({
    /** @param {Mark[]} marks */
    show(marks) {
      this._marks = marks;
      this.redraw();
    },
    draw(context, frame) {
      this._frame = frame;
      this._spots = [];
      const point = ([lat, lng]) => {
        const [x, y] = citymap.mercator(lat, lng);
        return [x * frame.scale + frame.left, y * frame.scale + frame.top];
      };
      const taken = {};
      (this._marks || []).forEach((mark) => {
        const at = mark.line ? this._way(context, mark, point) : point(mark.at);
        if (mark.from) move(context, point(mark.from), at);
        // Several edits at one place stand side by side.
        const key = at.map((v) => Math.round(v / 4)).join("/");
        taken[key] = (taken[key] || 0) + 1;
        const x = at[0] + 20 * (taken[key] - 1);
        sign(context, mark, x, at[1]);
        this._spots.push({ mark, x, y: at[1] });
      });
    },
    /** Draw a new way. @returns {[number, number]} the middle of it, where its number stands */
    _way(context, { line, way }, point) {
      const points = line.map(point);
      context.lineJoin = "round";
      for (const [colour, width, dash] of [["#ffffff", 8, []], [WAY, 4.5, way === "stairs" ? [3, 3] : []]]) {
        context.setLineDash(dash);
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.beginPath();
        points.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
        context.stroke();
      }
      context.setLineDash([]);
      const half = Math.floor((points.length - 1) / 2);
      return [0, 1].map((k) => (points[half][k] + points[half + 1][k]) / 2);
    },
    /** @param {L.LatLng} at @returns {?Mark} the edit under the place */
    pick(at) {
      if (!this._frame) return null;
      const [mx, my] = citymap.mercator(at.lat, at.lng);
      const x = mx * this._frame.scale + this._frame.left;
      const y = my * this._frame.scale + this._frame.top;
      const hit = (this._spots || []).find((spot) => Math.hypot(spot.x - x, spot.y - y) <= 11);
      return hit ? hit.mark : null;
    },
  });

  function move(context, from, to) {
    context.setLineDash([6, 5]);
    context.strokeStyle = NEW;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    context.setLineDash([]);
    cross(context, from[0], from[1], 5, GONE);
  }

  function cross(context, x, y, size, colour) {
    for (const [ink, width] of [["#ffffff", 5], [colour, 2.5]]) {
      context.strokeStyle = ink;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x - size, y - size);
      context.lineTo(x + size, y + size);
      context.moveTo(x + size, y - size);
      context.lineTo(x - size, y + size);
      context.stroke();
    }
  }

  function sign(context, { number, kind }, x, y) {
    const gone = GONE_KINDS.includes(kind);
    const ring = kind === "facility_change";
    context.beginPath();
    if (kind === "population_add") context.rect(x - 9, y - 9, 18, 18);
    else context.arc(x, y, 10, 0, 2 * Math.PI);
    context.fillStyle = gone || ring ? "#ffffff" : kind === "way_add" ? WAY : NEW;
    context.fill();
    context.lineWidth = 2.5;
    context.strokeStyle = gone ? GONE : ring ? NEW : "#ffffff";
    context.stroke();
    if (gone) {
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(x - 7, y + 7);
      context.lineTo(x + 7, y - 7);
      context.stroke();
    }
    context.font = "700 11px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.strokeStyle = gone || ring ? "#ffffff" : "rgba(0,0,0,0)";
    context.strokeText(String(number), x, y + 0.5);
    context.fillStyle = gone ? GONE : ring ? NEW : "#ffffff";
    context.fillText(String(number), x, y + 0.5);
  }
})();
