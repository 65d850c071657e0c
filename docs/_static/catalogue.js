// Filter and sort the table of the catalogue. Without script it is a plain table.
{
  const table = document.getElementById("sources-table");
  const body = table.tBodies[0];
  document.getElementById("catalogue-filter").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of body.rows) {
      const cells = [...row.cells].map((cell) => cell.textContent.toLowerCase());
      row.hidden = !words.every((word) => cells.some((cell) => cell.split(/[\s,+]+/).includes(word) || cell.includes(word)));
    }
  });
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.firstChild.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      const value = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
      const rows = [...body.rows].sort((one, other) =>
        value(one).localeCompare(value(other), "en", { numeric: true }));
      if (descending) rows.reverse();
      body.append(...rows);
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
  });
}
