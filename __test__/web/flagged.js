'use strict'

// A test file about an API that a Node.js has behind a flag runs itself once more, with the flag. On a Node that has no
// such flag either, there is nothing to test.

const assert = require('node:assert')
const { execFile } = require('node:child_process')
const { test } = require('node:test')

/**
 * Defines the tests of `file` where the API is; else one test that runs the file with the flag, where there is one.
 *
 * @param {string} name of the API, on globalThis
 * @param {string} flag that turns it on
 * @param {string} file the test file itself
 * @param {() => void} define
 */
function whereAvailable (name, flag, file, define) {
  if (typeof globalThis[name] === 'function') {
    define()
  } else if (process.allowedNodeEnvironmentFlags.has(flag) && !process.execArgv.includes(flag)) {
    test(`with ${flag}`, async () => {
      const { NODE_TEST_CONTEXT, ...env } = process.env
      const { error, output } = await new Promise((resolve) => {
        execFile(process.execPath, [flag, '--no-warnings', file], { env }, (error, output) => resolve({ error, output }))
      })
      assert.strictEqual(error, null, output)
      assert.match(output, /^(#|ℹ) fail 0$/m)
    })
  }
}

module.exports = { whereAvailable }
