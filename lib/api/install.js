'use strict'

// Where the package is put together: the one module of this room that knows a dispatcher, so that neither
// the dispatchers nor the calls have to know of each other.

const { install } = require('./index')
const { Dispatcher } = require('../dispatcher/dispatcher')

install(Dispatcher)
