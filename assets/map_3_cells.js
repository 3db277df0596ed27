/**
 * The analysis cells: up to hundreds of thousands of squares, filled row by row into one picture (ImageData).
 * Geometry comes once (see dashboard/arrays.py for the bytes); a change of the question only brings new values.
 *
 * @typedef {Object} CellGeometry
 * @property {number} count number of cells
 * @property {number} x0 @property {number} y0 Web Mercator 0..1 of the origin
 * @property {number} halfWidth @property {number} halfHeight of a cell, Web Mercator 0..1
 * @property {Float32Array} xy offsets of the centres from the origin times 2^24
 * @property {Uint16Array} community row of each cell's community
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const UNIT = 1 / 2 ** 24;
  const NONE = 255;

  /** @param {ArrayBuffer} bytes @returns {CellGeometry} */
  citymap.readCells = (bytes) => {
    const count = new Uint32Array(bytes, 0, 2)[0];
    const [x0, y0, halfWidth, halfHeight] = new Float64Array(bytes, 8, 4);
    const xy = new Float32Array(bytes, 40, 2 * count);
    return { count, x0, y0, halfWidth, halfHeight, xy, community: new Uint16Array(bytes, 40 + 8 * count, count) };
  };

  /** Sort cells by class, the worst served first, so that where squares overlap the better served is seen. */
  function drawingOrder(classes) {
    const start = new Uint32Array(257);
    for (let i = 0; i < classes.length; i++) start[256 - classes[i]]++;
    for (let k = 1; k < 257; k++) start[k] += start[k - 1];
    const order = new Uint32Array(classes.length);
    for (let i = classes.length - 1; i >= 0; i--) order[--start[256 - classes[i]]] = i;
    return order;
  }

  /** @param {string} colour #rrggbb @returns {number} the colour as ImageData holds it on a little-endian machine */
  const packed = (colour) => {
    const rgb = parseInt(colour.slice(1), 16);
    return ((255 << 24) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
  };

  citymap.CellLayer = citymap.CanvasLayer.extend({
    /** @param {CellGeometry} geometry @param {Uint8Array} classes (255 is not drawn) @param {string[]} colours */
    show(geometry, classes, colours) {
      Object.assign(this, { geometry, classes, colours: Uint32Array.from(colours, packed) });
      this._order = drawingOrder(classes);
      this.redraw();
    },
    clear() {
      this.geometry = null;
      this.redraw();
    },
    draw(context, frame) {
      if (!this.geometry || !this.geometry.count) return;
      const width = this._canvas.width;
      const height = this._canvas.height;
      if (!this._image || this._image.width !== width || this._image.height !== height) {
        this._image = context.createImageData(width, height);
        this._pixels = new Uint32Array(this._image.data.buffer);
      }
      this._pixels.fill(0);
      this._fill(frame, width, height);
      context.putImageData(this._image, 0, 0);
    },
    _fill(frame, width, height) {
      const { geometry, classes, colours, _order: order, _pixels: pixels } = this;
      const scale = frame.scale * frame.ratio;
      const left = geometry.x0 * scale + frame.left * frame.ratio;
      const top = geometry.y0 * scale + frame.top * frame.ratio;
      const step = scale * UNIT;
      // A two per cent larger square hides the hairlines of a lattice that is not quite parallel to the screen.
      // From afar no cell gets smaller than two pixels: people who are there can be seen.
      const halfWidth = Math.max(frame.ratio, geometry.halfWidth * scale * 1.02);
      const halfHeight = Math.max(frame.ratio, geometry.halfHeight * scale * 1.02);
      const { xy } = geometry;
      for (let k = 0; k < order.length; k++) {
        const cell = order[k];
        if (classes[cell] === NONE) continue;
        const x = left + xy[2 * cell] * step;
        const y = top + xy[2 * cell + 1] * step;
        let fromX = Math.round(x - halfWidth);
        let fromY = Math.round(y - halfHeight);
        const toX = Math.min(width, Math.max(fromX + 1, Math.round(x + halfWidth)));
        const toY = Math.min(height, Math.max(fromY + 1, Math.round(y + halfHeight)));
        if (fromX < 0) fromX = 0;
        if (fromY < 0) fromY = 0;
        if (fromX >= toX) continue;
        const colour = colours[classes[cell]];
        for (let row = fromY; row < toY; row++) pixels.fill(colour, row * width + fromX, row * width + toX);
      }
    },
    /** @param {L.LatLng} at @returns {number} the cell whose square holds the place (the nearest centre), or -1 */
    pick(at) {
      const geometry = this.geometry;
      if (!geometry) return -1;
      const [mx, my] = citymap.mercator(at.lat, at.lng);
      const x = (mx - geometry.x0) / UNIT;
      const y = (my - geometry.y0) / UNIT;
      const least = 3 / (256 * 2 ** this._map.getZoom());
      const reachX = Math.max(geometry.halfWidth * 1.02, least) / UNIT;
      const reachY = Math.max(geometry.halfHeight * 1.02, least) / UNIT;
      let best = -1;
      let shortest = Infinity;
      for (let i = 0; i < geometry.count; i++) {
        const dx = Math.abs(geometry.xy[2 * i] - x);
        if (dx > reachX) continue;
        const dy = Math.abs(geometry.xy[2 * i + 1] - y);
        if (dy > reachY || dx * dx + dy * dy >= shortest || this.classes[i] === NONE) continue;
        shortest = dx * dx + dy * dy;
        best = i;
      }
      return best;
    },
    /** @param {number} cell @returns {L.LatLng} its centre */
    centre(cell) {
      const { x0, y0, xy } = this.geometry;
      return citymap.place(x0 + xy[2 * cell] * UNIT, y0 + xy[2 * cell + 1] * UNIT);
    },
  });
})();
