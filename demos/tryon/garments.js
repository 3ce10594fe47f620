// The garments that ship with the model, as a shop's own database would give them.

const FOLDER = new URL("../../runtime/models/tryon/garments/", import.meta.url);

export const garments = fetch(new URL("catalogue.json", FOLDER))
  .then((answer) => answer.json())
  .then((listed) =>
    listed.map(({ sku, image, category, title }, i) => ({
      sku,
      category,
      title,
      image: new URL(image, FOLDER).href,
      price: `${29 + ((i * 17) % 60)}.90 €`,
    })),
  );
