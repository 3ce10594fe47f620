/** What the build turns into strings. */
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.worker?inline" {
  const code: string;
  export default code;
}
