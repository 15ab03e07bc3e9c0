'use strict'

// The path of undici's lib/api/api-request: the function itself, with its handler.

const { request, RequestHandler } = require('../../api/request')

module.exports = Object.assign(request, { RequestHandler })
