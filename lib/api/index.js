'use strict'

// The calls as methods of a dispatcher: everything they need of one is its `dispatch`. No dispatcher is
// known here; whoever puts the package together installs the calls on one.

const { request } = require('./request')
const { stream } = require('./stream')
const { pipeline } = require('./pipeline')
const { connect } = require('./connect')
const { upgrade } = require('./upgrade')

const calls = { request, stream, pipeline, connect, upgrade }

// Gives the calls to every instance of a dispatcher class, as undici does: enumerable, so that copies and
// mocks of the prototype have them too.
function install (Dispatcher) {
  Object.assign(Dispatcher.prototype, calls)
}

module.exports = { ...calls, install }
