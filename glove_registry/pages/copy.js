"use strict";
// Whatever has data-copy gets a button that copies it, named by the value.
(() => {
  // Read aloud, not shown.
  const copied = document.createElement("p");
  copied.id = "page:copied";
  copied.className = "unseen";
  copied.setAttribute("role", "status");
  document.body.append(copied);

  async function copy(source) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // A page from a file may have no clipboard, or not be allowed to use it.
      const selection = getSelection();
      selection.selectAllChildren(source);
      if (!document.execCommand("copy")) return false;
      selection.removeAllRanges();
      return true;
    }
  }

  function addButton(source) {
    const button = document.createElement("button");
    const label = document.createElement("span");
    const what = document.createElement("span");
    button.type = "button";
    button.className = "copy";
    label.textContent = "Copy";
    what.textContent = ` ${source.dataset.copy}`;
    what.className = "unseen";
    button.append(label, what);
    let timer;
    button.addEventListener("click", async () => {
      label.textContent = (await copy(source)) ? "Copied" : "Selected";
      copied.textContent = label.textContent + what.textContent;
      clearTimeout(timer);
      timer = setTimeout(() => {
        label.textContent = "Copy";
        copied.textContent = "";
      }, 2000);
    });
    source.after(button);
  }

  document.querySelectorAll("[data-copy]").forEach(addButton);
})();
