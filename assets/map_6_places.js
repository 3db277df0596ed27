/**
 * Streets (loaded tile by tile when one looks closely) and the facilities of the element (gathered when far away).
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const STREETS_FROM_ZOOM = 14;
  const TILE_ZOOM = 13;
  const MOST_TILES = 48;

  /** @param {ArrayBuffer} bytes see dashboard/arrays.py @returns {{ptr: Uint32Array, xy: Float32Array, stairs: Uint8Array}} */
  function readStreets(bytes) {
    const [lines, vertices] = new Uint32Array(bytes, 0, 2);
    const ptr = new Uint32Array(bytes, 8, lines + 1);
    const xy = new Float32Array(bytes, 12 + 4 * lines, 2 * vertices);
    return { ptr, xy, stairs: new Uint8Array(bytes, 12 + 4 * lines + 8 * vertices, lines) };
  }

  citymap.StreetLayer = citymap.CanvasLayer.extend({
    /** @param {?string} source address of the tiles, null for none */
    show(source) {
      if (this._source === source) return;
      this._source = source;
      this._tiles = new Map();
      this.redraw();
    },
    draw(context, frame) {
      if (!this._source || frame.zoom < STREETS_FROM_ZOOM) return;
      const wanted = this._wanted(frame);
      for (const [x, y] of wanted) this._tile(context, frame, x, y);
    },
    _wanted(frame) {
      const size = frame.scale / 2 ** TILE_ZOOM;
      const out = [];
      for (let x = Math.floor(-frame.left / size); x <= Math.floor((frame.width - frame.left) / size); x++) {
        for (let y = Math.floor(-frame.top / size); y <= Math.floor((frame.height - frame.top) / size); y++) {
          if (out.length < MOST_TILES) out.push([x, y]);
        }
      }
      return out;
    },
    _tile(context, frame, x, y) {
      const key = `${x}/${y}`;
      const found = this._tiles.get(key);
      if (found) {
        if (found !== "asked") this._lines(context, frame, found, x, y);
        return;
      }
      const tiles = this._tiles;
      tiles.set(key, "asked");
      citymap
        .fetched(`${this._source}/${x}/${y}`, "arrayBuffer")
        .then((bytes) => {
          tiles.set(key, readStreets(bytes));
          if (this._tiles === tiles) this._soon();
        })
        .catch((problem) => {
          tiles.delete(key);
          if (this.options.failed) this.options.failed(problem);
        });
    },
    _soon() {
      if (this._waiting) return;
      this._waiting = requestAnimationFrame(() => {
        this._waiting = 0;
        this.redraw();
      });
    },
    _lines(context, frame, { ptr, xy, stairs }, x, y) {
      const left = (x / 2 ** TILE_ZOOM) * frame.scale + frame.left;
      const top = (y / 2 ** TILE_ZOOM) * frame.scale + frame.top;
      const step = frame.scale / 2 ** 24;
      for (const kind of [0, 1]) {
        context.strokeStyle = kind ? "#8c2d04" : "rgba(51,65,85,0.6)";
        context.lineWidth = frame.zoom >= 16 ? 1.5 : 0.8;
        context.setLineDash(kind ? [3, 2] : []);
        let open = 0;
        context.beginPath();
        for (let i = 0; i + 1 < ptr.length; i++) {
          if ((stairs[i] ? 1 : 0) !== kind) continue;
          for (let v = ptr[i]; v < ptr[i + 1]; v++) {
            const px = left + xy[2 * v] * step;
            const py = top + xy[2 * v + 1] * step;
            if (v === ptr[i]) context.moveTo(px, py);
            else context.lineTo(px, py);
          }
          // Long paths cost more than their parts: stroke every now and then.
          if (++open % 64 === 0) {
            context.stroke();
            context.beginPath();
          }
        }
        context.stroke();
      }
      context.setLineDash([]);
    },
  });

  const GATHER_PX = 52;
  const COUNT_FROM_ZOOM = 11;
  const THIN_PX = 13;
  const SINGLE_FROM_ZOOM = 14;

  citymap.FacilityLayer = citymap.CanvasLayer.extend({
    /**
     * @param {?{lon: number[], lat: number[], row: number[], name: string[]}} places
     * @param {string} colour @param {number} from the zoom from which they are drawn
     */
    show(places, colour, from = 0) {
      this._places = places;
      this._from = from;
      this._colour = colour;
      this._xy = places ? places.lon.map((lon, i) => citymap.mercator(places.lat[i], lon)) : [];
      this.redraw();
    },
    draw(context, frame) {
      this._drawn = frame.zoom < (this._from || 0) ? [] : this._gathered(frame);
      for (const spot of this._drawn) this._spot(context, spot);
      this._frame = frame;
    },
    _gathered(frame) {
      const single = frame.zoom >= SINGLE_FROM_ZOOM;
      this._thin = frame.zoom < COUNT_FROM_ZOOM;
      const apart = this._thin ? THIN_PX : GATHER_PX;
      const heaps = new Map();
      (this._xy || []).forEach(([mx, my], i) => {
        const x = mx * frame.scale + frame.left;
        const y = my * frame.scale + frame.top;
        if (x < 0 || y < 0 || x > frame.width || y > frame.height) return;
        // Heaps hang on the ground, not on the screen, so that they do not jump while one pans.
        const key = single ? i : `${Math.floor((mx * frame.scale) / apart)}/${Math.floor((my * frame.scale) / apart)}`;
        const heap = heaps.get(key) || { x: 0, y: 0, members: [] };
        heap.x += x;
        heap.y += y;
        heap.members.push(i);
        heaps.set(key, heap);
      });
      return [...heaps.values()].map(({ x, y, members }) => ({
        x: x / members.length,
        y: y / members.length,
        members,
        radius: this._thin ? 1.8 : members.length === 1 ? 5 : Math.min(14, 6.5 + 1.4 * Math.log2(members.length)),
      }));
    },
    _spot(context, { x, y, radius, members }) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      const plain = this._thin || members.length === 1;
      context.fillStyle = plain ? this._colour : "rgba(255,255,255,0.92)";
      context.fill();
      context.lineWidth = this._thin ? 0.6 : plain ? 1.5 : 2;
      context.strokeStyle = plain ? "#ffffff" : this._colour;
      context.stroke();
      if (plain) return;
      context.font = "600 11px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = "#1a2433";
      context.fillText(String(members.length), x, y + 0.5);
    },
    /** @param {L.LatLng} at @returns {?{members: number[], row: number, name: string}} the spot under the place */
    pick(at) {
      if (!this._drawn || !this._places) return null;
      const [mx, my] = citymap.mercator(at.lat, at.lng);
      const x = mx * this._frame.scale + this._frame.left;
      const y = my * this._frame.scale + this._frame.top;
      const near = this._drawn
        .map((spot) => ({ spot, away: Math.hypot(spot.x - x, spot.y - y) - spot.radius }))
        .filter(({ away }) => away <= 3)
        .sort((a, b) => a.away - b.away)[0];
      if (!near) return null;
      const [first] = near.spot.members;
      const bounds = L.latLngBounds(near.spot.members.map((i) => [this._places.lat[i], this._places.lon[i]]));
      return { members: near.spot.members, bounds, row: this._places.row[first], name: this._places.name[first] };
    },
  });
})();
