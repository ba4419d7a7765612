const specs = JSON.parse(document.getElementById("specs").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const palette = ["#4c8dd6", "#f2994a", "#45b08c", "#e4677a", "#9b7bd4", "#c9b03d", "#5ec0d6", "#b98a6b"];

function config() {
  const style = getComputedStyle(document.documentElement);
  const [text, soft, line] = ["--text", "--soft", "--line"].map((name) => style.getPropertyValue(name).trim());
  const font = getComputedStyle(document.body).fontFamily;
  const phone = window.innerWidth < 560;
  return {
    background: "transparent",
    font,
    mark: { color: palette[0], tooltip: true },
    text: { color: soft, fontSize: 11 },
    bar: { cornerRadiusEnd: 2 },
    range: { category: palette },
    view: { stroke: null },
    axis: { labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, titleFontWeight: "normal",
            labelLimit: phone ? 130 : 200, labelFontSize: 12, labelOverlap: true, labelSeparation: 8 },
    legend: { orient: "top", labelColor: text, titleColor: soft, titleFontWeight: "normal", labelFontSize: 12, offset: 4,
              symbolType: "square", columns: phone ? 2 : 0 },
  };
}

let views = [];

async function draw() {
  views.forEach((view) => view.finalize());
  const options = { actions: false, renderer: "svg", config: config() };
  const drawn = await Promise.all(Object.entries(specs).map(([name, spec]) => vegaEmbed("#" + name, spec, options)));
  views = drawn.map((result) => result.view);
  document.body.dataset.drawn = String(drawn.length);
}

dark.addEventListener("change", draw);
draw();
