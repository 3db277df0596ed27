/**
 * A canvas that covers the map and a quarter more on every side. It is drawn again when a movement ends; meanwhile
 * Leaflet moves and scales the picture, so that dragging costs nothing whatever is drawn.
 * Subclasses write draw(context, frame), frame = {scale, left, top, width, height, ratio, zoom}: a point with Web Mercator
 * coordinates x, y in 0..1 lies at (x * scale + left, y * scale + top) in CSS pixels.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const MARGIN = 0.25;

  citymap.CanvasLayer = L.Layer.extend({
    initialize(options) {
      L.setOptions(this, { opacity: 1, ...options });
    },
    onAdd(map) {
      const canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated citymap-canvas", this.getPane());
      canvas.style.opacity = this.options.opacity;
      canvas.setAttribute("aria-hidden", "true");
      this._canvas = canvas;
      // A canvas that is read often stays with the CPU: without a GPU that is many times faster than software GL.
      this._context = canvas.getContext("2d", { willReadFrequently: true });
      map.on("moveend resize", this._place, this);
      if (map._zoomAnimated) map.on("zoomanim", this._follow, this);
      this._place();
    },
    onRemove(map) {
      map.off("moveend resize", this._place, this);
      map.off("zoomanim", this._follow, this);
      this._canvas.remove();
    },
    _follow(event) {
      const scale = this._map.getZoomScale(event.zoom, this._zoom);
      const corner = this._map._latLngToNewLayerPoint(this._corner, event.zoom, event.center);
      L.DomUtil.setTransform(this._canvas, corner, scale);
    },
    _place() {
      const map = this._map;
      if (!map) return;
      const size = map.getSize();
      const margin = size.multiplyBy(MARGIN).round();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      this._origin = map.containerPointToLayerPoint([0, 0]).subtract(margin);
      this._zoom = map.getZoom();
      this._corner = map.layerPointToLatLng(this._origin);
      this._resize(size.x + 2 * margin.x, size.y + 2 * margin.y, ratio);
      L.DomUtil.setTransform(this._canvas, this._origin, 1);
      if (this.options.opacityNear) {
        this._canvas.style.opacity = this._zoom >= 14 ? this.options.opacityNear : this.options.opacity;
      }
      this.redraw();
    },
    _resize(width, height, ratio) {
      if (this._width === width && this._height === height && this._ratio === ratio) return;
      Object.assign(this, { _width: width, _height: height, _ratio: ratio });
      this._canvas.width = Math.round(width * ratio);
      this._canvas.height = Math.round(height * ratio);
      this._canvas.style.width = `${width}px`;
      this._canvas.style.height = `${height}px`;
    },
    redraw() {
      const map = this._map;
      if (!map || !this._width) return;
      const corner = map.getPixelOrigin().add(this._origin);
      const context = this._context;
      context.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      context.clearRect(0, 0, this._width, this._height);
      this.draw(context, {
        scale: 256 * 2 ** map.getZoom(),
        left: -corner.x,
        top: -corner.y,
        width: this._width,
        height: this._height,
        ratio: this._ratio,
        zoom: map.getZoom(),
      });
    },
  });

  /** Web Mercator coordinates 0..1 of a place. @param {number} lat @param {number} lng @returns {[number, number]} */
  citymap.mercator = (lat, lng) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [(lng + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  };

  /** The place of Web Mercator coordinates 0..1. @returns {L.LatLng} */
  citymap.place = (x, y) => L.latLng((Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, x * 360 - 180);
})();
