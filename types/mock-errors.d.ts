// The errors that only mocks raise.

import Errors from './errors'

export default MockErrors

declare namespace MockErrors {
  /** No interceptor is for a request, and it may not be sent either. */
  export class MockNotMatchedError extends Errors.UndiciError {
    constructor (message?: string)
    name: 'MockNotMatchedError'
    code: 'UND_MOCK_ERR_MOCK_NOT_MATCHED'
  }
}
