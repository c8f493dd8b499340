// Rules for the scripts of the report's page: classic scripts that run in a browser as they stand, with data from strangers.
import js from "@eslint/js";
import globals from "globals";

const markup = "Names from data are text, never markup: build nodes with P.el.";
const request = "The page asks for nothing but what is in its file.";

export default [
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "script", globals: { ...globals.browser } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...js.configs.recommended.rules,
      "array-callback-return": "error",
      "complexity": ["error", 20],
      "curly": ["error", "multi-line"],
      "default-case-last": "error",
      "eqeqeq": "error",
      "max-depth": ["error", 4],
      "max-lines": ["error", 250],
      "no-alert": "error",
      "no-constructor-return": "error",
      "no-else-return": "error",
      "no-eval": "error",
      "no-extend-native": "error",
      "no-implied-eval": "error",
      "no-lonely-if": "error",
      "no-loop-func": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-promise-executor-return": "error",
      "no-restricted-globals": [
        "error",
        ...["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Worker", "SharedWorker", "importScripts"].map((name) => ({
          name,
          message: request,
        })),
        ...["event", "name", "status", "find", "open", "close", "length", "top", "parent", "isFinite", "isNaN"].map((name) => ({
          name,
          message: "This is a name of the window: is a variable missing?",
        })),
      ],
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "writeln", "srcdoc", "setHTMLUnsafe"].map((property) => ({
          property,
          message: markup,
        })),
        { object: "navigator", property: "sendBeacon", message: request },
      ],
      "no-restricted-syntax": ["error", { selector: "ImportExpression", message: request }],
      "no-script-url": "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unneeded-ternary": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { args: "after-used" }],
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-useless-concat": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "strict": ["error", "global"],
    },
  },
];
