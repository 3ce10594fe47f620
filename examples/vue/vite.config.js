import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// The elements are the browser's, none of Vue's components.
const isCustomElement = (tag) => tag.startsWith("livedraft-");

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } })],
});
