{
  const cells = document.querySelectorAll("details.code");
  if (cells.length) {
    const button = document.createElement("button");
    const label = (open) => { button.textContent = open ? "Hide all code" : "Show all code"; };
    button.type = "button";
    label(false);
    button.onclick = () => {
      const open = button.textContent === "Show all code";
      for (const cell of cells) cell.open = open;
      label(open);
    };
    document.querySelector(".bar").append(button);
  }
}
