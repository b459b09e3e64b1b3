// Copying text: by the clipboard API, else by the selection of the field that shows it.

/** False where neither way works; the field is selected then, for Ctrl+C. */
export async function copy(text: string, field: HTMLInputElement | HTMLTextAreaElement | null) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field?.focus();
    field?.select();
    return bySelection();
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
