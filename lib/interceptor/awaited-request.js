'use strict'

// A request that is not sent before something else has answered: a store, a jar. What is asked, and what is made of the
// answer, is for the interceptor to say; here is what its user hears who ends it meanwhile.

const { RequestAbortedError } = require('../core/errors')
const { destroy, isStream } = require('../core/streams')
const { RelayController } = require('../handler/relay-controller')

const ignore = () => {}

/**
 * Goes on with a request once it is known how. Its user may end it meanwhile: then nothing is sent.
 *
 * @param {Promise} answer
 * @param {object} request `options` of the request; `handler` of the second generation
 * @param {(value: any) => void} proceed sends it
 * @param {(value: any) => void} [discard] is given an answer that comes too late
 * @returns {boolean} what `dispatch` returns
 */
function proceedWith (answer, { options, handler }, proceed, discard = ignore) {
  // Whether the request is not this function's any more: it went on, or it ended.
  let isGone = false
  const fail = (error) => {
    if (typeof handler.onResponseError !== 'function') {
      throw error
    }
    handler.onResponseError(new RelayController(), error)
  }
  const end = (error) => {
    isGone = true
    if (isStream(options.body)) {
      destroy(options.body.on('error', ignore), error)
    }
    fail(error)
  }
  handler.onDispatched?.({
    abort (reason) {
      if (!isGone) {
        end(reason ?? new RequestAbortedError())
      }
    }
  })
  answer.then((value) => {
    if (isGone) {
      discard(value)
    } else {
      isGone = true
      proceed(value)
    }
  }, (error) => {
    if (!isGone) {
      end(error)
    }
  }).catch(fail)
  return true
}

module.exports = { proceedWith }
