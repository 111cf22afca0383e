"use strict";
// Plays the chat whose data stands in the page. All text goes through textContent or a canvas, never through markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const children = new Map();
  for (const node of data.nodes) {
    const parent = node.parent ?? 0;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(node);
  }

  // ---- State

  const state = {
    choice: new Map(), // the child that the branch takes, by the parent's id
    path: [], // nodes of the branch
    steps: [], // {node: place in the path, tokens: shown}
    at: 0, playing: false, speed: 1, panel: "map", view: null, cursor: null,
  };
  for (const id of data.branch) if (nodes.has(id)) state.choice.set(nodes.get(id).parent ?? 0, id);

  // ---- Pieces of answers

  /** The pieces in which a text is played: those of its tokens where they are known, else its words. */
  function pieces(node) {
    if (!node.shown) {
      const words = (text) => (text && (text.match(/\s*\S+\s*$|\s*\S+/g) || [text])) || [];
      const known = node.answer && node.answer.pieces;
      const thought = words(node.thought);
      node.thoughtWords = thought.length;
      node.shown = known || (node.answer ? [...thought, ...words(node.text)] : [node.text]);
    }
    return node.shown;
  }

  /** Whether a piece belongs to the thought before the answer. */
  function isInThought(node, place) {
    pieces(node);
    if (!node.answer) return false;
    if (!node.answer.pieces) return place < node.thoughtWords;
    return Boolean(node.answer.in_thought && node.answer.in_thought[place]);
  }

  /** The number of the answer's tokens when so many pieces are shown. */
  function tokenCount(node, shown) {
    if (!node.answer) return 0;
    const all = pieces(node).length;
    return node.answer.pieces ? shown : all === 0 ? 0 : Math.round((shown / all) * node.answer.tokens);
  }

  // ---- The branch and its steps

  function follow() {
    state.path = [];
    let parent = 0;
    for (;;) {
      const all = children.get(parent);
      if (!all) break;
      const node = all.find((one) => one.id === state.choice.get(parent)) || all[all.length - 1];
      state.path.push(node);
      parent = node.id;
    }
    state.steps = [];
    state.path.forEach((node, place) => {
      const count = node.answer ? pieces(node).length : 0;
      for (let shown = node.answer ? 0 : 1; shown <= Math.max(count, node.answer ? 0 : 1); shown++) {
        state.steps.push({ node: place, shown });
      }
    });
  }

  // ---- The conversation

  const chat = byId("chat");
  let articles = [];

  function drawChat() {
    articles = state.path.map((node) => {
      const article = make("article", node.role);
      article.append(make("h2", "", node.speaker));
      const siblings = (children.get(node.parent ?? 0) || []).filter((one) => one.role === node.role);
      if (siblings.length > 1) {
        const bar = make("div", "branches");
        siblings.forEach((one, place) => {
          const name = one.answer ? `${place + 1} · ${one.answer.plan_text}` : `wording ${place + 1}`;
          const button = make("button", "", name);
          button.type = "button";
          button.setAttribute("aria-pressed", String(one === node));
          button.addEventListener("click", () => choose(one));
          bar.append(button);
        });
        article.append(bar);
      }
      if (node.answer) article.append(make("p", "figures", node.answer.figures));
      const text = make("div", "text");
      text.dir = "auto";
      node.spans = node.answer ? tokenSpans(node) : [];
      if (node.answer) fill(node, article, text);
      else text.textContent = node.text;
      article.append(text);
      if (node.answer && node.answer.note) article.append(make("p", "note", node.answer.note));
      return article;
    });
    chat.replaceChildren(...articles);
  }

  /** Puts an answer into its element, and its thought into one that folds before it. */
  function fill(node, article, text) {
    node.fold = null;
    if (node.thought) {
      const fold = make("details", "thought");
      const inside = make("div", "text");
      inside.dir = "auto";
      fold.append(make("summary", "", "thought"), inside);
      article.append(fold);
      node.fold = fold;
      node.isThinking = null;
    }
    for (const [element, isThought] of withPlanChanges(node)) {
      (isThought && node.fold ? node.fold.lastChild : text).append(element);
    }
  }

  function tokenSpans(node) {
    const comparison = node.answer.comparison;
    let start = 0;
    return pieces(node).map((piece, place) => {
      const span = make("span", "token", piece);
      // Words are counted in the answer alone.
      const isThought = isInThought(node, place);
      const end = isThought ? start : start + piece.length;
      if (comparison && node.answer.pieces) {
        if (place === comparison.split) span.classList.add("split");
        if (!isThought && comparison.changed.some(([from, to]) => from < end && start < to)) span.classList.add("changed");
      }
      span.title = tokenTitle(node, place);
      span.addEventListener("click", () => {
        pause();
        if (state.path.includes(node)) seek(stepOf(node, place + 1));
      });
      start = end;
      return span;
    });
  }

  function tokenTitle(node, place) {
    if (!node.answer.pieces) return "";
    const comparison = node.answer.comparison;
    const kl = comparison && comparison.kl[place];
    const parts = [`token ${place}`];
    if (kl !== undefined && kl !== null) {
      parts.push(`KL ${kl.toFixed(3)} nats`, comparison.same_top[place] >= 0.5 ? "same top token" : "another top token");
    }
    return parts.join(" · ");
  }

  /** The spans of an answer and whether they belong to its thought, with a mark where its plan changed. */
  function withPlanChanges(node) {
    const marks = node.answer.pieces ? node.answer.changes : [];
    const out = [];
    node.spans.forEach((span, place) => {
      const isThought = isInThought(node, place);
      for (const change of marks) {
        if (change.tokens === place) out.push([make("span", "plan-change", `⟨${change.plan_text}⟩`), isThought]);
      }
      out.push([span, isThought]);
    });
    return out;
  }

  /** The ground of a token: the stronger, the larger its KL. */
  function ground(node, place) {
    const comparison = node.answer && node.answer.comparison;
    const kl = comparison && node.answer.pieces ? comparison.kl[place] : null;
    if (!byId("shade").checked || kl === null || kl === undefined) return "";
    return `rgb(var(--heat) / ${Math.min(0.6, 0.6 * Math.sqrt(Math.max(0, kl))).toFixed(3)})`;
  }

  function shade() {
    for (const node of state.path) {
      (node.spans || []).forEach((span, place) => { span.style.backgroundColor = ground(node, place); });
    }
  }

  function choose(node) {
    state.choice.set(node.parent ?? 0, node.id);
    const at = state.path.findIndex((one) => (one.parent ?? 0) === (node.parent ?? 0));
    pause();
    follow();
    drawChat();
    shade();
    byId("seek").max = String(state.steps.length - 1);
    seek(Math.max(0, state.steps.findLastIndex((step) => step.node === at)));
  }

  function stepOf(node, shown) {
    const place = state.path.indexOf(node);
    return Math.max(0, state.steps.findIndex((step) => step.node === place && step.shown === shown));
  }

  /** The answer that is under way or was the last, and how much of it is shown. */
  function moment() {
    for (let at = state.at; at >= 0; at--) {
      const step = state.steps[at];
      if (step && state.path[step.node].answer) return { node: state.path[step.node], shown: step.shown };
    }
    return null;
  }

  // ---- Moving

  function seek(at) {
    state.at = Math.max(0, Math.min(at, state.steps.length - 1));
    state.cursor = null;
    show();
  }

  function show() {
    const step = state.steps[state.at];
    articles.forEach((article, place) => { article.hidden = !step || place > step.node; });
    state.path.forEach((node, place) => {
      if (!node.spans || !step) return;
      const shown = place < step.node ? node.spans.length : place === step.node ? step.shown : 0;
      node.spans.forEach((span, index) => {
        span.hidden = index >= shown;
        span.classList.toggle("current", place === step.node && index === shown - 1);
      });
      // Open while it comes; whoever opens or closes it has the last word until the answer begins or is gone back of.
      if (node.fold) {
        const isThinking = shown > 0 && shown <= node.spans.length && isInThought(node, shown - 1);
        if (isThinking !== node.isThinking) node.fold.open = isThinking;
        node.isThinking = isThinking;
        node.fold.hidden = shown === 0;
      }
    });
    byId("seek").value = String(state.at);
    const now = step && state.path[step.node];
    byId("place").textContent = !now ? "" : now.answer
      ? `${tokenCount(now, step.shown)} of ${now.answer.tokens} tokens` : now.speaker;
    byId("play").textContent = state.playing ? "pause" : "play";
    if (step) {
      const target = (now.spans || [])[step.shown - 1] || articles[step.node];
      if (target.scrollIntoView) target.scrollIntoView({ block: "nearest" });
    }
    drawPanel();
  }

  let timer = 0;

  /** Milliseconds until the next step: an answer goes at the speed at which it was given. */
  function delay() {
    const step = state.steps[state.at + 1];
    const node = step && state.path[step.node];
    if (!node || !node.answer) return 900 / state.speed;
    const rate = node.answer.rate > 0 ? node.answer.rate : 30;
    const perPiece = node.answer.tokens / Math.max(1, pieces(node).length);
    return (1000 * Math.max(1, perPiece)) / rate / state.speed;
  }

  function tick() {
    if (!state.playing) return;
    if (state.at >= state.steps.length - 1) return pause();
    // Steps that are shorter than a frame are taken together.
    let due = 16;
    do {
      due -= delay();
      state.at += 1;
    } while (due > 0 && state.at < state.steps.length - 1);
    state.cursor = null;
    show();
    timer = setTimeout(tick, Math.max(16, delay()));
  }

  function play() {
    if (state.at >= state.steps.length - 1) state.at = 0;
    state.playing = true;
    show();
    timer = setTimeout(tick, delay());
  }

  function pause() {
    clearTimeout(timer);
    state.playing = false;
    byId("play").textContent = "play";
  }

  // ---- Maps

  const decoded = new WeakMap();

  function bytes(base64) {
    const text = atob(base64);
    const out = new Uint8Array(text.length);
    for (let place = 0; place < text.length; place++) out[place] = text.charCodeAt(place);
    return out;
  }

  function decode(map) {
    if (!decoded.has(map)) {
      decoded.set(map, {
        values: new Float32Array(bytes(map.values).buffer),
        shades: bytes(map.shades),
        words: map.words ? new Uint16Array(bytes(map.word_indices).buffer) : null,
      });
    }
    return decoded.get(map);
  }

  /** The part of an answer that was given under one plan, at this moment. */
  function segment(now) {
    const all = (now && now.node.answer.segments) || [];
    const tokens = tokenCount(now.node, now.shown);
    return all.findLast((one) => one.from <= tokens) || all[0] || null;
  }

  const geometry = { map: null, cell: 1, height: 1, left: 2, top: 4, columns: 0 };
  const labelWidth = 44;

  function drawMap() {
    const now = moment();
    const part = now && segment(now);
    const views = part ? part.maps : [];
    const map = views.find((one) => one.name === state.view) || views[0] || null;
    const bar = byId("views");
    bar.replaceChildren(...views.map((one) => {
      const button = make("button", "", one.name);
      button.type = "button";
      button.title = one.title;
      button.setAttribute("aria-pressed", String(one === map));
      button.addEventListener("click", () => { state.view = one.name; state.cursor = null; show(); });
      return button;
    }));
    geometry.map = map;
    byId("frame").hidden = !map;
    byId("legend").hidden = !map;
    if (!map) {
      byId("caption").textContent = data.has_maps ? "measured as the model answers" : "";
      byId("readout").textContent = data.has_maps ? "" : data.no_maps;
      return;
    }
    const isText = map.columns.is_text;
    const all = isText ? part.labels.length : map.columns.labels.length;
    // As many columns as the model had read by then.
    const known = isText ? Math.max(0, Math.min(all, part.prompt - part.first + tokenCount(now.node, now.shown))) : all;
    byId("caption").textContent = `${map.title} · ${part.plan_text}` +
      (isText && part.first > 0 ? ` · tokens from ${part.first} on` : "");
    const rows = map.rows.labels.length;
    const room = Math.max(200, byId("scroller").clientWidth || 480) - geometry.left - 4;
    geometry.cell = map.words ? 62 : Math.max(3, Math.min(24, Math.floor(room / Math.max(1, all))));
    geometry.height = Math.max(9, Math.min(16, Math.floor(480 / rows)));
    geometry.columns = all;
    const foot = geometry.cell >= 40 ? 16 : 0;
    const width = geometry.left + all * geometry.cell + 2, height = geometry.top + rows * geometry.height + 4 + foot;
    const pen = prepare(byId("map"), width, height), edge = prepare(byId("rows"), labelWidth, height);
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink"), off = style.getPropertyValue("--off");
    const { shades, words } = decode(map);
    const stored = map.columns.count;
    for (let row = 0; row < rows; row++) {
      const y = geometry.top + row * geometry.height;
      const isOff = map.off.includes(row);
      if (geometry.height >= 10 || row % 2 === 0) {
        edge.fillStyle = isOff ? off : ink;
        edge.textAlign = "right";
        edge.fillText((isOff ? "╳ " : "") + map.rows.labels[row], labelWidth - 4, y + geometry.height / 2);
      }
      for (let column = 0; column < Math.min(known, stored); column++) {
        const shade = shades[row * stored + column];
        if (shade > data.not_finite) continue;
        const x = geometry.left + column * geometry.cell;
        pen.fillStyle = shade === data.not_finite ? off : data.ramp[shade];
        pen.fillRect(x, y, geometry.cell - (geometry.cell > 6 ? 1 : 0), geometry.height - 1);
        if (words) {
          pen.fillStyle = shade > data.ramp.length * 0.6 ? "#000000" : "#ffffff";
          pen.textAlign = "left";
          pen.fillText(map.words[words[row * stored + column]].slice(0, 9), x + 2, y + geometry.height / 2, geometry.cell - 4);
        }
      }
    }
    if (foot > 0) {
      pen.fillStyle = ink;
      pen.textAlign = "left";
      for (let column = 0; column < known; column++) {
        const label = isText ? part.labels[column] : map.columns.labels[column];
        pen.fillText(label.slice(0, 10), geometry.left + column * geometry.cell + 2, height - 9, geometry.cell - 4);
      }
    }
    if (isText && known > 0) {
      pen.strokeStyle = ink;
      pen.strokeRect(geometry.left + (known - 1) * geometry.cell - 0.5, geometry.top - 1.5, geometry.cell, rows * geometry.height + 2);
      const scroller = byId("scroller"), x = geometry.left + known * geometry.cell;
      if (x > scroller.scrollLeft + scroller.clientWidth || x < scroller.scrollLeft) scroller.scrollLeft = x - scroller.clientWidth + geometry.cell;
    }
    if (state.cursor) {
      pen.strokeStyle = off;
      pen.lineWidth = 2;
      pen.strokeRect(geometry.left + state.cursor.column * geometry.cell, geometry.top + state.cursor.row * geometry.height, geometry.cell, geometry.height);
    }
    drawLegend(map);
    readOut(map, part, known);
  }

  /** A canvas of a size in CSS pixels, blank. */
  function prepare(canvas, width, height) {
    const scale = Math.min(window.devicePixelRatio || 1, 16000 / width);
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "10px system-ui, sans-serif";
    pen.textBaseline = "middle";
    return pen;
  }

  function drawLegend(map) {
    const swatch = make("canvas");
    swatch.width = data.ramp.length;
    swatch.height = 10;
    const pen = swatch.getContext("2d");
    data.ramp.forEach((color, place) => { pen.fillStyle = color; pen.fillRect(place, 0, 1, 10); });
    const ticks = map.ticks.map(([, label]) => label);
    byId("legend").replaceChildren(
      make("span", "", ticks[0] ?? ""), swatch, make("span", "", ticks[ticks.length - 1] ?? ""),
      make("span", "", map.unit ? `${map.quantity} [${map.unit}]` : map.quantity));
  }

  /** `L05 “ sky” 0.993 cosine`. */
  function readOut(map, part, known) {
    const isText = map.columns.is_text;
    const cursor = state.cursor || (isText && known > 0 ? { row: map.rows.labels.length - 1, column: known - 1 } : null);
    if (!cursor) { byId("readout").textContent = ""; return; }
    const { values, words } = decode(map);
    const place = cursor.row * map.columns.count + cursor.column;
    const column = isText ? `“${part.labels[cursor.column]}”` : map.columns.full[cursor.column];
    const isShown = cursor.column < known && decode(map).shades[place] <= data.not_finite;
    const value = isShown ? values[place].toFixed(map.decimals) : "–";
    const word = words && isShown ? ` ▸ “${map.words[words[place]]}”` : "";
    byId("readout").textContent =
      `${map.rows.full[cursor.row]}${map.joint}${column}${word} ${value}${map.unit ? " " + map.unit : ""} · ${map.quantity}` +
      (map.off.includes(cursor.row) ? " · OFF" : "");
  }

  function cellAt(event) {
    const box = byId("map").getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - geometry.left) / geometry.cell);
    const row = Math.floor((event.clientY - box.top - geometry.top) / geometry.height);
    const isInside = geometry.map && column >= 0 && column < geometry.columns && row >= 0 && row < geometry.map.rows.labels.length;
    return isInside ? { row, column } : null;
  }

  // ---- Plans

  function drawPlan() {
    const panel = byId("panel-plan");
    const now = moment();
    byId("caption").textContent = "";
    if (!now) return panel.replaceChildren(make("p", "note", "no answer yet"));
    const tokens = tokenCount(now.node, now.shown);
    const change = now.node.answer.changes.findLast((one) => one.tokens <= tokens);
    const plan = change || now.node.answer;
    const parts = [make("h2", "", plan.plan_text)];
    if (change) parts.push(make("p", "note", `since token ${change.tokens} of this answer`));
    const table = make("table");
    const head = make("tr");
    for (const name of ["layer", "attention", "MLP", "bits"]) head.append(make("th", "", name));
    table.append(head);
    plan.layers.forEach(([attention, mlp, bits], layer) => {
      const row = make("tr");
      row.append(make("td", "", String(layer)));
      for (const runs of [attention, mlp]) row.append(make("td", runs ? "" : "off", runs ? "●" : "╳"));
      row.append(make("td", "", bits));
      table.append(row);
    });
    parts.push(plan.layers.length ? table : make("p", "note", "the layers are listed where the model was there when the page was made"));
    panel.replaceChildren(...parts);
  }

  // ---- Comparison

  function drawComparison() {
    const panel = byId("panel-compare");
    byId("caption").textContent = "";
    const now = moment();
    // The first answer to a prompt is what others are compared with: beside it, the newest of them.
    const others = now ? (children.get(now.node.parent ?? 0) || []) : [];
    const second = now && now.node.answer.comparison ? now.node
      : others.findLast((one) => one.answer && one.answer.comparison && one.answer.comparison.with === now.node.id);
    if (!second) return panel.replaceChildren(make("p", "note", "there is no other answer to this prompt"));
    const comparison = second.answer.comparison, first = nodes.get(comparison.with);
    const columns = make("div", "columns");
    [["A", first], ["B", second]].forEach(([letter, node]) => {
      const column = make("div"), text = make("div", "text");
      text.dir = "auto";
      const shown = node === now.node ? now.shown : Infinity;
      const spans = tokenSpans(node);
      spans.forEach((span, place) => {
        span.hidden = place >= shown;
        if (isInThought(node, place)) span.classList.add("thought");
        span.style.backgroundColor = ground(node, place);
      });
      text.append(...spans);
      column.append(make("h2", "", `${letter} ${node.answer.plan_text}`), make("p", "figures", node.answer.figures), text);
      columns.append(column);
    });
    panel.replaceChildren(make("p", "", comparison.summary), columns);
  }

  // ---- Panels

  const panels = [["map", "heatmap"], ["plan", "plan"], ["compare", "comparison"]];

  function drawPanel() {
    byId("panels").replaceChildren(...panels.map(([id, name]) => {
      const button = make("button", "", name);
      button.type = "button";
      button.setAttribute("role", "tab");
      button.setAttribute("aria-selected", String(state.panel === id));
      button.addEventListener("click", () => { state.panel = id; show(); });
      return button;
    }));
    for (const [id] of panels) byId(`panel-${id}`).hidden = state.panel !== id;
    if (state.panel === "map") drawMap();
    if (state.panel === "plan") drawPlan();
    if (state.panel === "compare") drawComparison();
  }

  function nextView(step) {
    const now = moment();
    const views = (now && segment(now) ? segment(now).maps : []).map((map) => map.name);
    if (!views.length) return;
    const place = Math.max(0, views.indexOf(state.view));
    state.view = views[(place + step + views.length) % views.length];
    state.panel = "map";
    show();
  }

  function nextBranch(step) {
    const now = state.steps[state.at] && state.path[state.steps[state.at].node];
    // The newest node up to here that has siblings.
    for (let place = state.path.indexOf(now); place >= 0; place--) {
      const node = state.path[place];
      const siblings = (children.get(node.parent ?? 0) || []).filter((one) => one.role === node.role);
      if (siblings.length < 2) continue;
      return choose(siblings[(siblings.indexOf(node) + step + siblings.length) % siblings.length]);
    }
  }

  /** To the beginning of the message before, or the end of the one after. */
  function jump(step) {
    const now = state.steps[state.at];
    if (!now) return;
    const target = now.node + step;
    if (step < 0) return seek(Math.max(0, state.steps.findIndex((one) => one.node === Math.max(0, target))));
    seek(state.steps.findLastIndex((one) => one.node === Math.min(state.path.length - 1, target)));
  }

  function moveCursor(rows, columns) {
    if (!geometry.map) return;
    const now = state.cursor || { row: geometry.map.rows.labels.length - 1, column: 0 };
    state.cursor = {
      row: Math.max(0, Math.min(now.row + rows, geometry.map.rows.labels.length - 1)),
      column: Math.max(0, Math.min(now.column + columns, geometry.columns - 1)),
    };
    drawMap();
  }

  function toggleTheme() {
    const root = document.documentElement;
    const isDark = (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    root.dataset.theme = isDark ? "light" : "dark";
    show();
  }

  // ---- Keys and mouse

  const help = [
    ["Space", "play or pause"], ["← →", "a token back or on"], ["Page Up, Page Down", "a message back or on"],
    ["Home, End", "the beginning, the end"], ["h, H", "the next view, the one before"], ["p", "the plan"],
    ["c", "the comparison"], ["m", "the heatmap"], ["b, B", "another answer to the same prompt"],
    ["+ −", "faster, slower"], ["t", "light or dark"], ["arrows on the map", "read out a cell"], ["?", "this list"],
  ];

  function showHelp() {
    const list = make("dl");
    for (const [key, text] of help) list.append(make("dt", "", key), make("dd", "", text));
    const close = make("button", "", "close");
    close.type = "button";
    close.addEventListener("click", () => byId("keys").close());
    byId("keys").replaceChildren(list, close);
    byId("keys").showModal();
  }

  const speeds = [0.1, 0.25, 0.5, 1, 2, 4, 8];

  function setSpeed(step) {
    const place = Math.max(0, Math.min(speeds.indexOf(state.speed) + step, speeds.length - 1));
    state.speed = speeds[place];
    byId("speed").value = String(state.speed);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || byId("keys").open) return;
    const isOnMap = document.activeElement === byId("map");
    const isOnControl = ["SELECT", "INPUT", "BUTTON"].includes(document.activeElement.tagName);
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (isOnMap && moves[event.key]) {
      moveCursor(...moves[event.key]);
      return event.preventDefault();
    }
    if (isOnControl && (event.key === " " || event.key.startsWith("Arrow") || ["Home", "End", "PageUp", "PageDown"].includes(event.key))) return;
    const actions = {
      " ": () => (state.playing ? pause() : play()),
      ArrowLeft: () => { pause(); seek(state.at - 1); },
      ArrowRight: () => { pause(); seek(state.at + 1); },
      PageUp: () => { pause(); jump(-1); }, PageDown: () => { pause(); jump(1); },
      Home: () => { pause(); seek(0); }, End: () => { pause(); seek(state.steps.length - 1); },
      h: () => nextView(1), H: () => nextView(-1),
      m: () => { state.panel = "map"; show(); }, p: () => { state.panel = "plan"; show(); },
      c: () => { state.panel = "compare"; show(); },
      b: () => nextBranch(1), B: () => nextBranch(-1),
      "+": () => setSpeed(1), "-": () => setSpeed(-1), "−": () => setSpeed(-1),
      t: toggleTheme, "?": showHelp,
    };
    if (!Object.hasOwn(actions, event.key)) return;
    actions[event.key]();
    event.preventDefault();
  });
  byId("play").addEventListener("click", () => (state.playing ? pause() : play()));
  byId("start").addEventListener("click", () => { pause(); seek(0); });
  byId("end").addEventListener("click", () => { pause(); seek(state.steps.length - 1); });
  byId("back").addEventListener("click", () => { pause(); seek(state.at - 1); });
  byId("forward").addEventListener("click", () => { pause(); seek(state.at + 1); });
  byId("seek").addEventListener("input", (event) => { pause(); seek(Number(event.target.value)); });
  byId("speed").addEventListener("change", (event) => { state.speed = Number(event.target.value); });
  byId("shade").addEventListener("change", () => { shade(); show(); });
  byId("theme").addEventListener("click", toggleTheme);
  byId("help").addEventListener("click", showHelp);
  byId("map").addEventListener("mousemove", (event) => {
    const cell = cellAt(event);
    const isSame = cell && state.cursor && cell.row === state.cursor.row && cell.column === state.cursor.column;
    if (!cell || isSame) return;
    state.cursor = cell;
    drawMap();
  });
  byId("map").addEventListener("mouseleave", () => { state.cursor = null; if (state.panel === "map") drawMap(); });
  byId("map").addEventListener("click", (event) => {
    const cell = cellAt(event), now = moment(), part = now && segment(now);
    if (!cell || !part || !geometry.map.columns.is_text) return;
    const token = part.first + cell.column - part.prompt + 1;
    if (token >= 0 && now.node.answer.pieces) { pause(); seek(stepOf(now.node, Math.min(token, now.node.answer.pieces.length))); }
  });
  window.addEventListener("resize", () => { if (state.panel === "map") drawMap(); });

  // ---- The beginning

  byId("title").textContent = data.name;
  byId("about").textContent = data.about;
  for (const speed of speeds) {
    const option = make("option", "", `${speed}×`);
    option.value = String(speed);
    byId("speed").append(option);
  }
  byId("speed").value = "1";
  follow();
  drawChat();
  if (data.notes.length) for (const note of data.notes) byId("chat").append(make("p", "note", note));
  shade();
  byId("seek").max = String(Math.max(0, state.steps.length - 1));
  // `#at=12&view=lens&panel=compare&theme=dark` leads to a moment.
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (["light", "dark"].includes(wanted.get("theme"))) document.documentElement.dataset.theme = wanted.get("theme");
  if (panels.some(([id]) => id === wanted.get("panel"))) state.panel = wanted.get("panel");
  state.view = wanted.get("view");
  seek(wanted.has("at") ? Number(wanted.get("at")) || 0 : state.steps.length - 1);
})();
