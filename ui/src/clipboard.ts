// Copying text: by the clipboard API, else by selecting the element that shows it.

/** False where neither way works; the text is selected then, for Ctrl+C. */
export async function copy(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown) select(shown);
    return bySelection();
  }
}

function select(shown: HTMLElement) {
  if (shown instanceof HTMLInputElement) {
    shown.focus();
    shown.select();
  } else {
    getSelection()?.selectAllChildren(shown);
  }
}

// Deprecated, and still the only way in a web view that keeps the clipboard API shut.
function bySelection(): boolean {
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
