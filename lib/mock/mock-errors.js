'use strict'

// The errors that only mocks raise.

const { UndiciError } = require('../core/errors')

const code = 'UND_MOCK_ERR_MOCK_NOT_MATCHED'
const brand = Symbol.for(`undici.error.${code}`)

/** No interceptor matches a request, and it may not be sent either. */
class MockNotMatchedError extends UndiciError {
  constructor (message) {
    super(message || 'The request does not match any registered mock dispatches')
    this.name = 'MockNotMatchedError'
    this.code = code
  }

  static [Symbol.hasInstance] (instance) {
    return instance != null && instance[brand] === true
  }

  get [brand] () {
    return true
  }
}

module.exports = { MockNotMatchedError }
