/**
 * Outlines that are drawn exactly as they are stored: service grids and the borders of communities. They come once as
 * bytes (see dashboard/grid_arrays.py); a change of theme only brings one class per shape.
 *
 * @typedef {Object} Rings
 * @property {number} count number of shapes
 * @property {number} x0 @property {number} y0 Web Mercator 0..1 of the origin
 * @property {Uint32Array} ptr first vertex of each ring, and the end
 * @property {Uint32Array} row shape of each ring; the rings of a shape follow one another
 * @property {Float32Array} xy offsets of the vertices from the origin times 2^24
 * @property {Float32Array} box smallest x, y and largest x, y of each ring, in the same measure
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const UNIT = 1 / 2 ** 24;
  const NONE = 255;
  const APART_PX = 0.6;
  const OPEN_LINES = 64;

  function boxesOf(ptr, xy) {
    const box = new Float32Array(4 * (ptr.length - 1));
    for (let i = 0; i + 1 < ptr.length; i++) {
      let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let v = ptr[i]; v < ptr[i + 1]; v++) {
        const x = xy[2 * v];
        const y = xy[2 * v + 1];
        if (x < west) west = x;
        if (x > east) east = x;
        if (y < north) north = y;
        if (y > south) south = y;
      }
      box.set([west, north, east, south], 4 * i);
    }
    return box;
  }

  /** @param {ArrayBuffer} bytes @returns {Rings} */
  citymap.readRings = (bytes) => {
    const [count, rings, vertices] = new Uint32Array(bytes, 0, 4);
    const [x0, y0] = new Float64Array(bytes, 16, 2);
    const ptr = new Uint32Array(bytes, 32, rings + 1);
    const row = new Uint32Array(bytes, 36 + 4 * rings, rings);
    const xy = new Float32Array(bytes, 36 + 8 * rings, 2 * vertices);
    return { count, x0, y0, ptr, row, xy, box: boxesOf(ptr, xy) };
  };

  const read = new WeakMap();
  /** Read bytes once, however many maps draw them. */
  citymap.ringsOf = (bytes) => {
    if (!read.has(bytes)) read.set(bytes, citymap.readRings(bytes));
    return read.get(bytes);
  };

  citymap.RingLayer = citymap.CanvasLayer.extend({
    /** @param {Rings} rings @param {?ArrayLike<number>} classes of the shapes @param {string[]} colours of the classes */
    show(rings, classes = null, colours = []) {
      if (this.rings === rings && this.classes === classes && this.colours === colours) return;
      Object.assign(this, { rings, classes, colours });
      this.redraw();
    },
    clear() {
      this.rings = null;
      this.redraw();
    },
    draw(context, frame) {
      const { rings } = this;
      if (!rings) return;
      const step = frame.scale * UNIT;
      const view = { step, left: rings.x0 * frame.scale + frame.left, top: rings.y0 * frame.scale + frame.top };
      const seen = this._seen(view, frame);
      if (this.classes) this._fill(context, view, seen);
      this._stroke(context, view, seen, frame.zoom);
    },
    /** Rings that touch the canvas and are not too small to be seen. */
    _seen({ step, left, top }, { width, height }) {
      const { box } = this.rings;
      const seen = [];
      for (let i = 0; 4 * i < box.length; i++) {
        const far = box[4 * i + 2] * step + left < 0 || box[4 * i + 3] * step + top < 0;
        if (!far && box[4 * i] * step + left <= width && box[4 * i + 1] * step + top <= height) seen.push(i);
      }
      return seen;
    },
    /** Trace a ring; vertices that would fall on the same pixel are left out. */
    _trace(context, { step, left, top }, ring) {
      const { ptr, xy } = this.rings;
      const last = ptr[ring + 1] - 1;
      let [fromX, fromY] = [Infinity, Infinity];
      for (let v = ptr[ring]; v <= last; v++) {
        const x = xy[2 * v] * step + left;
        const y = xy[2 * v + 1] * step + top;
        if (v === ptr[ring]) context.moveTo(x, y);
        else if (v < last && Math.abs(x - fromX) < APART_PX && Math.abs(y - fromY) < APART_PX) continue;
        else context.lineTo(x, y);
        fromX = x;
        fromY = y;
      }
    },
    _fill(context, view, seen) {
      const { row } = this.rings;
      const { classes, colours } = this;
      for (let k = 0; k < seen.length; ) {
        const shape = row[seen[k]];
        const kind = classes[shape];
        context.beginPath();
        for (; k < seen.length && row[seen[k]] === shape; k++) if (kind !== NONE) this._trace(context, view, seen[k]);
        if (kind === NONE) continue;
        context.fillStyle = colours[kind];
        context.fill("evenodd");
      }
    },
    _stroke(context, view, seen, zoom) {
      const { line, lineNear = line, width = 1, widthNear = width, near = 13 } = this.options;
      context.strokeStyle = zoom >= near ? lineNear : line;
      context.lineWidth = zoom >= near ? widthNear : width;
      context.lineJoin = "round";
      context.beginPath();
      seen.forEach((ring, k) => {
        this._trace(context, view, ring);
        // Long paths cost more than their parts: stroke every now and then.
        if (k % OPEN_LINES === OPEN_LINES - 1) {
          context.stroke();
          context.beginPath();
        }
      });
      context.stroke();
    },
    /** @param {L.LatLng} at @returns {number} the shape that holds the place by the even–odd rule, the last drawn, or -1 */
    pick(at) {
      const { rings } = this;
      if (!rings) return -1;
      const [mx, my] = citymap.mercator(at.lat, at.lng);
      const x = (mx - rings.x0) / UNIT;
      const y = (my - rings.y0) / UNIT;
      const { box, row } = rings;
      let [found, shape, inside] = [-1, -1, false];
      for (let i = 0; i < row.length; i++) {
        if (row[i] !== shape) {
          if (inside) found = shape;
          shape = row[i];
          inside = false;
        }
        if (x < box[4 * i] || y < box[4 * i + 1] || x > box[4 * i + 2] || y > box[4 * i + 3]) continue;
        if (this._inRing(i, x, y)) inside = !inside;
      }
      return inside ? shape : found;
    },
    _inRing(ring, x, y) {
      const { ptr, xy } = this.rings;
      let inside = false;
      for (let i = ptr[ring], j = ptr[ring + 1] - 1; i < ptr[ring + 1]; j = i++) {
        const yi = xy[2 * i + 1];
        const yj = xy[2 * j + 1];
        if (yi > y === yj > y) continue;
        if (x < ((xy[2 * j] - xy[2 * i]) * (y - yi)) / (yj - yi) + xy[2 * i]) inside = !inside;
      }
      return inside;
    },
    /** @param {number} shape @returns {?L.LatLngBounds} where it lies */
    boundsOf(shape) {
      const { box, row, x0, y0 } = this.rings;
      const bounds = L.latLngBounds([]);
      for (let i = 0; i < row.length; i++) {
        if (row[i] !== shape) continue;
        bounds.extend(citymap.place(x0 + box[4 * i] * UNIT, y0 + box[4 * i + 1] * UNIT));
        bounds.extend(citymap.place(x0 + box[4 * i + 2] * UNIT, y0 + box[4 * i + 3] * UNIT));
      }
      return bounds.isValid() ? bounds : null;
    },
  });
})();
