/** 变化归因 on the page of targets: which part is opened, and what the address says of the choice. */
(() => {
  /** A row of the parts was clicked or opened by Enter. */
  function openPart({ event, data, type }, setEventData) {
    if (type === "cellKeyDown" && event.key !== "Enter") return;
    if (data && data.key) setEventData({ key: data.key, at: Date.now() });
  }
  window.dashAgGridFunctions = { ...window.dashAgGridFunctions, openPart };

  /** Write versions, indicator and place into the address. */
  function mirror(before, after, indicator, place) {
    if (window.location.pathname === "/targets") {
      const search = new URLSearchParams(window.location.search);
      const words = { from: before, to: after, indicator, place };
      Object.entries(words).forEach(([name, value]) => (value ? search.set(name, value) : search.delete(name)));
      const address = `${window.location.pathname}?${search}${window.location.hash}`;
      window.history.replaceState(window.history.state, "", address);
    }
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { attribution: { mirror } });
})();
