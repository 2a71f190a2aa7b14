// The step of the bundler that strips a module: the bundler wants a module that is a function.

"use strict";

const { strip } = require("./strip.ts");

module.exports = function stripLoader(/** @type {string} */ source) {
  return strip(source);
};
