/** The page of targets: which cell opens which sheet, which tab is shown, and what the address says of them. */
(() => {
  const PANEL = {
    board: "board", county: "rolled", bureau: "rolled", service: "rolled", section: "rolled", alerts: "alerts",
    filing: "filing", change: "change", stars: "stars",
  };

  /** A cell was clicked or opened by Enter: its target and the unit of its column, or the bureau of its row. */
  function openTarget({ event, colDef, data, type }, setEventData) {
    if (type === "cellKeyDown" && event.key !== "Enter") return;
    if (data && data.bureau && !data.key) return setEventData({ bureau: data.bureau, at: Date.now() });
    if (!data || !data.key) return;
    const field = (colDef && colDef.field) || "";
    const unit = data.unit || (/^u\d+$/.test(field) ? field.slice(1) : "");
    setEventData({ key: data.key, unit, at: Date.now() });
  }
  window.dashAgGridFunctions = { ...window.dashAgGridFunctions, openTarget };

  /** Show the panel of a tab, and write tab, day and sheet into the address. */
  function mirror(tab, asOf, opened) {
    const page = document.getElementById("targets-page");
    if (page) page.className = `targets page-fill targets-on-${PANEL[tab] || "board"}`;
    const told = (opened && opened.data) || opened || {};
    const search = new URLSearchParams(window.location.search);
    const words = { tab: tab === "board" ? "" : tab, as_of: asOf, target: told.key, county: told.unit, of: told.bureau };
    Object.entries(words).forEach(([name, value]) => (value ? search.set(name, value) : search.delete(name)));
    const address = `${window.location.pathname}?${search}${window.location.hash}`;
    if (window.location.pathname === "/targets") window.history.replaceState(window.history.state, "", address);
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { targets: { mirror } });
})();
