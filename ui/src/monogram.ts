/** The first letter or digit of a name as a grapheme: `하` of 하늘, `A` of alice; null without one. */
export function monogram(name: string): string | null {
  const letters = new Intl.Segmenter().segment(name);
  for (const { segment } of letters) {
    if (/[\p{L}\p{N}]/u.test(segment)) return segment.toLocaleUpperCase();
  }
  return null;
}
