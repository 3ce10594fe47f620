export interface Picture {
  src: string;
  prompt: string;
}

/** The pictures that were kept. */
export function Shelf({ pictures }: { pictures: readonly Picture[] }) {
  return (
    <section className="shelf" aria-label="Your pictures" aria-live="polite">
      {pictures.length === 0 && <p>Pictures that you refine are kept here.</p>}
      {pictures.map(({ src, prompt }) => (
        <a key={src} href={src} download={`${prompt}.png`} title={`Save “${prompt}”`}>
          <img src={src} alt={prompt} />
        </a>
      ))}
    </section>
  );
}
