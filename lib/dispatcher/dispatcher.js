'use strict'

// What every dispatcher is: an EventEmitter with `dispatch`, `close` and `destroy`, that others may extend.
// The methods of lib/api (`request`, `stream`, …) are put on its prototype by the package's entry.

const { EventEmitter } = require('node:events')

class Dispatcher extends EventEmitter {
  dispatch () {
    throw new Error('not implemented')
  }

  close () {
    throw new Error('not implemented')
  }

  destroy () {
    throw new Error('not implemented')
  }
}

module.exports = { Dispatcher }
