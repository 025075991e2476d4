import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Words between tags belong in the catalogue; marks and figures may stand where they are. */
const LETTERS = "JSXText[value=/\\p{L}{2,}/u]";
const TEXT_ATTRIBUTES =
  "JSXAttribute[name.name=/^(label|title|alt|placeholder|aria-label|hint)$/] > Literal[value=/\\p{L}{2,}/u]";

export default tseslint.config(
  { ignores: ["node_modules", "src/wire/generated.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, reactHooks.configs.flat["recommended-latest"]],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          name: "@tanstack/react-query",
          importNames: ["useMutation", "useMutationState", "useIsMutating", "MutationCache"],
          message: "The build leaves mutations out (scripts/lean.ts): use useAction.",
        },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { varsIgnorePattern: "^_", argsIgnorePattern: "^_" },
      ],
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: LETTERS, message: "Words belong in the catalogue: t(…)." },
        { selector: TEXT_ATTRIBUTES, message: "Words belong in the catalogue: t(…)." },
      ],
    },
  },
  {
    // Components and the wire know no feature.
    files: ["src/ui/**", "src/wire/**", "src/i18n/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["**/features/**"], message: "This room knows no feature." }] },
      ],
    },
  },
  {
    // The protocol of a call needs no screen: no component, and the pure parts no browser either.
    files: ["src/call/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/features/**", "**/ui/**", "react", "react-dom"],
              message: "A call needs no screen.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["src/call/{model,reducer,reconnect}.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        "window",
        "document",
        "navigator",
        "localStorage",
        "fetch",
      ],
    },
  },
  {
    files: ["scripts/**/*.mjs"],
    languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } },
  },
);
