'use strict'

// The table of interceptors that is printed where some are left over.

const { Console } = require('node:console')
const { Writable } = require('node:stream')

const [YES, NO] = process.versions.icu ? ['✅', '❌'] : ['Y ', 'N ']

class PendingInterceptorsFormatter {
  #isColored

  /** @param {{ disableColors?: boolean }} [options] */
  constructor ({ disableColors } = {}) {
    this.#isColored = !disableColors && !process.env.CI
  }

  /**
   * @param {object[]} pendingInterceptors of `MockAgent.pendingInterceptors()`
   * @returns {string} what `console.table` prints of them
   */
  format (pendingInterceptors) {
    let output = ''
    const stdout = new Writable({
      decodeStrings: false,
      write (text, encoding, done) {
        output += text
        done()
      }
    })
    new Console({ stdout, inspectOptions: { colors: this.#isColored } }).table(pendingInterceptors.map(row))
    return output
  }
}

function row ({ method, origin, path, data, persist, times, timesInvoked }) {
  return {
    Method: method,
    Origin: origin,
    Path: path,
    'Status code': data.statusCode,
    Persistent: persist ? YES : NO,
    Invocations: timesInvoked,
    Remaining: persist ? Infinity : times - timesInvoked
  }
}

module.exports = { PendingInterceptorsFormatter }
