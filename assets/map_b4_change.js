/**
 * What a scenario changes: cells that come within the threshold and cells that fall out of it, by colour and by the
 * shape of a mark (▲ gained, ▼ lost), so that both are told apart without colour and seen from afar.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const UNIT = 1 / 2 ** 24;
  const [GAINED, LOST, KEPT, OUTSIDE] = [0, 1, 2, 3];
  const HEAP_PX = 22;
  const INK = { [GAINED]: "#0b5c42", [LOST]: "#8a3c00" };
  const FILL = { [GAINED]: "#1b9e77", [LOST]: "#d95f02" };

  /** @returns {Uint8Array} class of every cell: gained, lost, within before and after, outside both times */
  citymap.changeOf = ({ threshold, common }, { seconds, before }) => {
    const classes = new Uint8Array(seconds.length);
    for (let i = 0; i < seconds.length; i++) {
      // Nobody lived in a new estate before.
      const [was, is] = [i < common && before[i] <= threshold, seconds[i] <= threshold];
      classes[i] = is ? (was ? KEPT : GAINED) : was ? LOST : OUTSIDE;
    }
    return classes;
  };

  citymap.ChangeLayer = citymap.CanvasLayer.extend({
    /** @param {?Object} part of a picture @param {?Object} arrays; anything but a change takes the marks away */
    show(part, arrays) {
      const on = Boolean(part && part.view === "change" && arrays && arrays.before);
      this._cells = [];
      if (on) {
        const classes = citymap.changeOf(part, arrays);
        classes.forEach((kind, cell) => (kind === GAINED || kind === LOST) && this._cells.push([cell, kind]));
        Object.assign(this, { _geometry: arrays.geometry, _people: arrays.people });
      }
      this.redraw();
    },
    draw(context, frame) {
      if (!this._cells || !this._cells.length) return;
      for (const { x, y, people, kind } of this._heaps(frame).values()) {
        mark(context, x / people, y / people, { kind, radius: Math.min(9, 4 + Math.log10(1 + people)) });
      }
    },
    /** Cells of one kind that lie close together on the screen, weighted by their people. */
    _heaps(frame) {
      const { x0, y0, xy } = this._geometry;
      const heaps = new Map();
      for (const [cell, kind] of this._cells) {
        const x = (x0 + xy[2 * cell] * UNIT) * frame.scale;
        const y = (y0 + xy[2 * cell + 1] * UNIT) * frame.scale;
        const [left, top] = [x + frame.left, y + frame.top];
        if (left < 0 || top < 0 || left > frame.width || top > frame.height) continue;
        const key = `${kind}/${Math.floor(x / HEAP_PX)}/${Math.floor(y / HEAP_PX)}`;
        const heap = heaps.get(key) || { x: 0, y: 0, people: 0, kind };
        const people = Math.max(this._people ? this._people[cell] : 1, 1e-6);
        heap.x += left * people;
        heap.y += top * people;
        heap.people += people;
        heaps.set(key, heap);
      }
      return heaps;
    },
  });

  function mark(context, x, y, { kind, radius }) {
    const up = kind === GAINED ? -1 : 1;
    context.beginPath();
    context.moveTo(x, y + up * radius);
    context.lineTo(x + radius, y - up * radius * 0.75);
    context.lineTo(x - radius, y - up * radius * 0.75);
    context.closePath();
    context.fillStyle = kind === GAINED ? FILL[GAINED] : "#ffffff";
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = kind === GAINED ? "#ffffff" : FILL[LOST];
    context.stroke();
    context.lineWidth = 0.8;
    context.strokeStyle = INK[kind];
    context.stroke();
  }
})();
