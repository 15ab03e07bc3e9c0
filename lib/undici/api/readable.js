'use strict'

// The path of undici's lib/api/readable: the class of bodies, made of undici's options. Each body is an instance of it.

const { BodyReadable } = require('../../api/readable')

const Readable = {
  BodyReadable: class extends BodyReadable {
    constructor ({ resume, abort, ...options }) {
      super({ ...options, controller: { resume, abort } })
    }

    static [Symbol.hasInstance] (value) {
      return value instanceof BodyReadable
    }
  }
}.BodyReadable

module.exports = { Readable }
