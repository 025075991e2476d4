/**
 * When the page as it is now can be seen. Its code and its words come first; what only keeps it
 * fresh does not hold them up. A page that nobody looks at is not painted and does not wait.
 */
export async function painted(): Promise<void> {
  if (document.hidden) return;
  await new Promise<void>((seen) => {
    const stop = () => {
      document.removeEventListener("visibilitychange", stop);
      seen();
    };
    // A page that is hidden meanwhile gets no more frames.
    document.addEventListener("visibilitychange", stop);
    requestAnimationFrame(() => setTimeout(stop));
  });
}
