'use strict'

// The path of undici's lib/api: what it puts on the prototype of dispatchers.

const { request, stream, pipeline, upgrade, connect } = require('../../api')

module.exports = { request, stream, pipeline, upgrade, connect }
