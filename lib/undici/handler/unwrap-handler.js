'use strict'

// The path of undici 7's lib/handler/unwrap-handler.

const { asFirstGeneration } = require('../../core/generations')

/** `unwrap` gives a handler of either generation the methods of the first. */
module.exports = { unwrap: asFirstGeneration }
