// Leaflet over the map drawn on the server. If anything here fails, that map stays.
// The map element carries: data-points (GeoJSON), data-outline (GeoJSON, optional), data-tiles and
// data-credit (optional), and data-more if more is found than it has. A point has properties name, when, where and href.
/* global L */

const el = document.getElementById("map");
const drawn = el?.innerHTML;

async function json(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function placeName(feature) {
  const { x, y, name } = feature.properties;
  const icon = L.divIcon({ className: "k-place", iconSize: [120, 16] });
  icon.createIcon = () => {
    const div = L.DivIcon.prototype.createIcon.call(icon);
    div.textContent = name;
    return div;
  };
  return L.marker([y, x], { icon, interactive: false, keyboard: false, zIndexOffset: -10000 });
}

// The outline comes first and the tiles go over it: with tiles missing, blocked or slow, the map
// still means something.
function addGround(map, outline) {
  let names;
  if (outline) {
    L.geoJSON(outline, {
      interactive: false,
      attribution: outline.credit ?? "",
      style: { color: "#c9cfc0", weight: 1, fillColor: "#f7f5ec", fillOpacity: 1 },
    }).addTo(map);
    const named = outline.features.filter((feature) => feature.properties.x !== undefined);
    names = L.layerGroup(named.map(placeName)).addTo(map);
  }
  if (!el.dataset.tiles) return;
  const tiles = L.tileLayer(el.dataset.tiles, {
    attribution: el.dataset.credit ?? "",
    maxZoom: 19,
    referrerPolicy: "strict-origin-when-cross-origin",
  }).addTo(map);
  tiles.once("tileload", () => names?.remove());
}

function bubble({ name, when, where, href }) {
  const box = document.createElement("div");
  const link = document.createElement("a");
  const words = document.createElement("p");
  link.href = href;
  link.textContent = name;
  words.textContent = [when, where].filter(Boolean).join(", ");
  box.append(link, words);
  return box;
}

function pin(feature) {
  const about = feature.properties;
  const [lng, lat] = feature.geometry.coordinates;
  const marker = L.marker([lat, lng], {
    title: about.name,
    alt: [about.name, about.when, about.where].filter(Boolean).join(", "),
    icon: L.divIcon({
      className: "k-marker",
      iconSize: [28, 36],
      iconAnchor: [14, 36],
      html:
        '<svg width="28" height="36" viewBox="-14 -36 28 36" aria-hidden="true" stroke-width="2">' +
        '<path d="M0 0C-4-9-13-15-13-24a13 13 0 1 1 26 0c0 9-9 15-13 24z"/>' +
        '<circle cy="-23" r="4.5"/></svg>',
    }),
  });
  return marker.bindPopup(bubble(about));
}

function clusterIcon(cluster) {
  const number = cluster.getChildCount();
  const size = number < 10 ? 36 : number < 50 ? 44 : 52;
  return L.divIcon({
    html: `<span aria-hidden="true">${number}</span>`,
    className: "k-dot",
    iconSize: [size, size],
  });
}

// markercluster gives its circles a role but no name.
function nameMarkers(group) {
  group._featureGroup.eachLayer((layer) => {
    const icon = layer.getElement?.();
    if (!icon) return;
    icon.setAttribute("role", "button");
    const words = layer.getChildCount
      ? el.dataset.cluster.replace("%{count}", layer.getChildCount())
      : layer.options.alt;
    icon.setAttribute("aria-label", words);
  });
}

// After Enter on a circle, Leaflet leaves the focus on the map: take it to the first marker there.
function followKeys(group) {
  let byKey = false;
  const settle = () => {
    if (byKey) el.querySelector(".leaflet-marker-icon[tabindex]")?.focus();
    byKey = false;
  };
  group.on("clusterkeypress", () => {
    byKey = true;
  });
  group.on("animationend spiderfied", settle);
}

// The zoom buttons come after every marker in the order of the Tab key, so offer a way past.
function addSkip() {
  const skip = document.createElement("a");
  const after = document.createElement("span");
  skip.className = "k-skip-map";
  skip.href = "#after-map";
  skip.textContent = el.dataset.skip;
  after.id = "after-map";
  after.tabIndex = -1;
  el.before(skip);
  el.after(after);
}

// More is found than one map holds: wherever it is moved to, ask what there is.
function followMoves(map, group) {
  let waiting = 0;
  let asked = 0;
  map.on("moveend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++asked;
      const url = new URL(el.dataset.points, location.href);
      url.searchParams.set("box", map.getBounds().toBBoxString());
      const points = await json(url).catch(() => null);
      if (!points || mine !== asked) return;
      group.clearLayers();
      group.addLayers(points.features.map(pin));
      nameMarkers(group);
    }, 300);
  });
}

async function start() {
  const [points, outline] = await Promise.all([
    json(el.dataset.points),
    el.dataset.outline ? json(el.dataset.outline) : null,
  ]);
  if (!points.features.length) return;
  el.replaceChildren();
  el.classList.add("is-live");
  const map = L.map(el, { scrollWheelZoom: false, minZoom: 5, maxZoom: 18 });
  map.attributionControl.setPrefix(false);
  addGround(map, outline);
  const group = L.markerClusterGroup({
    chunkedLoading: true,
    showCoverageOnHover: false,
    maxClusterRadius: 56,
    iconCreateFunction: clusterIcon,
  });
  group.addLayers(points.features.map(pin));
  map.addLayer(group);
  map.fitBounds(group.getBounds().pad(0.08), { maxZoom: 15 });
  group.on("animationend", () => nameMarkers(group));
  map.on("moveend", () => nameMarkers(group));
  nameMarkers(group);
  followKeys(group);
  if ("more" in el.dataset) followMoves(map, group);
  addSkip();
  document.documentElement.dataset.mapReady = "yes";
}

if (el && window.L) {
  start().catch(() => {
    el.classList.remove("is-live");
    el.innerHTML = drawn;
  });
}
