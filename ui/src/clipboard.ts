// Copies text with the clipboard API, or by selecting the element that shows it.

/** False if neither works; the text is then selected for Ctrl+C. */
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

// Deprecated, but the only way in a web view without the clipboard API.
function bySelection(): boolean {
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
