"use strict";
// Adds what paper cannot do: tables that sort, a filter by calculator and group, tables as CSV. Nothing depends on it.
(() => {
  const make = (tag, props, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const textOf = (cell) => cell.innerText.trim();
  const numberOf = (text) => {
    const found = text.replaceAll("−", "-").replaceAll(",", "").match(/^[+]?(-?\d+(\.\d+)?)/);
    return found ? Number(found[1]) : null;
  };

  function compare(a, b) {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x !== null && y !== null) return x - y;
    if (x !== null || y !== null) return x !== null ? -1 : 1;
    return a.localeCompare(b, "en");
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    if (body.rows.length < 3) return;
    heads.forEach((head, column) => {
      const mark = make("span", { className: "sort-mark" });
      mark.setAttribute("aria-hidden", "true");
      const button = make("button", { type: "button" }, head.textContent, mark);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        const rows = [...body.rows].sort((r, s) => compare(textOf(r.cells[column]), textOf(s.cells[column])));
        if (down) rows.reverse();
        body.append(...rows);
        for (const other of heads) {
          other.removeAttribute("aria-sort");
          other.querySelector(".sort-mark").textContent = "";
        }
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        mark.textContent = down ? " ▼" : " ▲";
      });
    });
  }

  function csv(table) {
    const quote = (text) => {
      const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) && numberOf(text) === null ? "'" + text : text;
      return /[",\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
    };
    const cell = (node) => quote((node.querySelector("button")?.firstChild ?? node).textContent.trim());
    const stamps = [...document.querySelectorAll("header .stamp")].map((stamp) => [quote(stamp.textContent)]);
    const rows = [...table.rows].map((row) => [...row.cells].map(cell));
    return [[quote(table.caption.textContent)], ...stamps, ...rows].map((row) => row.join(",")).join("\r\n") + "\r\n";
  }

  function downloadable(table) {
    const button = make("button", { type: "button" }, "Download this table (CSV)");
    button.setAttribute("aria-describedby", table.caption.id);
    button.addEventListener("click", () => {
      const url = URL.createObjectURL(new Blob(["\ufeff" + csv(table)], { type: "text/csv" }));
      make("a", { href: url, download: table.caption.id + ".csv" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    });
    table.closest(".scroll").after(make("p", { className: "tools" }, button));
  }

  const tables = [...document.querySelectorAll("main table")];
  tables.forEach(downloadable);
  tables.filter((table) => !table.classList.contains("fixed")).forEach(sortable);

  const chapters = [...document.querySelectorAll("main .chapter")];
  const grouped = tables.flatMap((table) => {
    const column = [...table.tHead.rows[0].cells].findIndex((head) => /^Group/.test(head.textContent));
    return column < 0 || table.classList.contains("fixed") ? [] : [...table.tBodies[0].rows].map((row) => ({ row, group: textOf(row.cells[column]) }));
  });
  const groups = [...new Set(grouped.map((entry) => entry.group))].sort();
  if (chapters.length < 2 && groups.length < 2) return;

  const name = make("input", { type: "search", autocomplete: "off" });
  const group = make("select", {}, make("option", { value: "" }, "All groups"), ...groups.map((text) => make("option", { value: text }, text)));
  const said = make("output", {});
  const form = make("form", { className: "tools" }, make("label", {}, "Calculators whose name contains", name), make("label", {}, "Group", group), said);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const wanted = name.value.trim().toLowerCase();
    for (const chapter of chapters) chapter.hidden = !chapter.querySelector("h3").textContent.toLowerCase().includes(wanted);
    for (const entry of grouped) entry.row.hidden = group.value !== "" && entry.group !== group.value && entry.group !== "All patients";
    const shown = chapters.filter((chapter) => !chapter.hidden).length;
    said.textContent = `${shown} of ${chapters.length} chapters shown${group.value ? ", rows of " + group.value : ""}.`;
  });
  document.querySelector("nav").append(form);
})();
