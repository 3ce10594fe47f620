/** What the build turns into strings. */
declare module "*.css" {
  const text: string;
  export default text;
}
