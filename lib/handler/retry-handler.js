'use strict'

// The handler that sends a request again when it failed, and goes on where a body broke off (RFC 9110 section 14). Its
// own handler hears one request, whose controller stays the same.
//
//   HEAD ──accepted──► FORWARDED ──broke off, Range──► FORWARDED ──complete──► over
//    │  ▲                  │
//    │  └──── DECIDING ◄───┴─ the policy is asked, and may take its time
//    └─refused─► REFUSED (its content is dropped) ──► DECIDING

const { asSecondGeneration } = require('../core/generations')
const { RelayController } = require('./relay-controller')
const { RelayHandler } = require('./relay-handler')
const { RequestAbortedError, RequestRetryError } = require('../core/errors')
const { repeatable } = require('../core/body')
const { fieldsLike, lowerCaseName, pairsOf, withRepeatableFields } = require('../core/headers')
const { isDisturbed } = require('../core/streams')
const { retry } = require('./retry-policy')

const DEFAULTS = {
  throwOnError: true,
  retry,
  retryAfter: true,
  maxRetries: 5,
  minTimeout: 500,
  maxTimeout: 30_000,
  timeoutFactor: 2,
  methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY'],
  statusCodes: [500, 502, 503, 504, 429],
  errorCodes: [
    'ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'EPIPE',
    'UND_ERR_SOCKET'
  ]
}

// RFC 9110 section 14.4; `bytes` alone is asked for.
const contentRange = /^bytes (\d+)-(\d+)\/(?:\d+|\*)?$/

/** What of the content a response has: `{ start, end }`, `end` null where it does not say; null where it says nonsense. */
function rangeOf (field) {
  if (field === undefined || field === '') {
    return { start: 0, end: null }
  }
  const match = contentRange.exec(field)
  return match === null ? null : { start: Number(match[1]), end: Number(match[2]) }
}

// A weak tag does not say that two contents have the same octets (RFC 9110 section 8.8.3).
function strongTagOf (headers) {
  const tag = headers.etag
  return typeof tag !== 'string' || tag.startsWith('W/') ? null : tag
}

class RetryHandler extends RelayHandler {
  #dispatch
  #handler
  #options
  #retryOptions
  #controller

  // How many attempts were made, and whether the one under way is among them.
  #attempts = 0
  #isCounted = false

  // The response that the handler hears: from its head on; the offset of the next octet and of the last one (null: not
  // known); whether the rest can be asked for; what identifies the content.
  #isForwarded = false
  #start = 0
  #end = null
  #canResume = false
  #tag = null
  #statusCode = null
  #headers = null

  // Why the response under way is not forwarded; null where it is.
  #refusal = null
  // What came while the policy decides: it may end in being forwarded after all.
  #held = null
  #timer = null
  #isDeciding = false
  #isOver = false

  /** Sends a request that is sent again when it fails. */
  static start (dispatch, retryOptions, options, handler) {
    const own = withRepeatableFields(options)
    return dispatch(own, new RetryHandler({ ...own, retryOptions }, { dispatch, handler }))
  }

  /**
   * @param {object} options of the request, with `retryOptions`: see docs/api/RetryHandler.md
   * @param {{ dispatch: Function, handler: object }} parts what sends each attempt, and who hears of them
   */
  constructor (options, { dispatch, handler }) {
    const { retryOptions, ...own } = options
    const hearing = asSecondGeneration(handler)
    const controller = new RelayController((reason) => this.#abortWaiting(reason))
    super(hearing, controller)
    this.#dispatch = dispatch
    this.#handler = hearing
    this.#controller = controller
    this.#options = { ...own, body: repeatable(own.body) }
    this.#retryOptions = {}
    for (const name of Object.keys(DEFAULTS)) {
      this.#retryOptions[name] = retryOptions?.[name] ?? DEFAULTS[name]
    }
  }

  onRequestStart (controller, context) {
    if (this.#controller.begin(controller) && !this.#isForwarded) {
      this.#handler.onRequestStart?.(this.#controller, context)
    }
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    if (statusCode < 200) {
      this.#handler.onResponseStart?.(this.#controller, statusCode, headers, statusText)
      return
    }
    this.#refusal = null
    this.#count()
    this.#statusCode = statusCode
    this.#headers = headers
    if (this.#isForwarded) {
      this.#checkContinuation(statusCode, headers)
    } else if (statusCode >= 300) {
      this.#refuse(controller, statusCode, headers, statusText)
    } else {
      this.#checkpoint(statusCode, headers)
      this.#forward(statusCode, headers, statusText)
    }
  }

  onResponseData (controller, chunk) {
    if (this.#held !== null) {
      this.#held.push((self) => self.onResponseData(controller, chunk))
    } else if (this.#refusal === null) {
      if (this.#end !== null && this.#start + chunk.length > this.#end + 1) {
        // Whoever hands the response on would take the rest for the next one.
        throw this.#error('Content-Range mismatch', this.#statusCode, this.#headers)
      }
      this.#start += chunk.length
      this.#handler.onResponseData?.(this.#controller, chunk)
    }
  }

  onResponseEnd (controller, trailers) {
    if (this.#held !== null) {
      this.#held.push((self) => self.onResponseEnd(controller, trailers))
    } else if (this.#refusal !== null) {
      this.#conclude(controller)
    } else if (this.#end !== null && this.#start !== this.#end + 1) {
      this.onResponseError(controller, this.#error('Content-Range mismatch', this.#statusCode, this.#headers))
    } else {
      this.#handler.onResponseEnd?.(this.#controller, trailers)
    }
  }

  onResponseError (controller, error) {
    if (this.#isOver) {
      return
    }
    if (this.#held !== null) {
      this.#held.push((self) => self.onResponseError(controller, error))
      return
    }
    if (this.#refusal !== null && error !== this.#refusal && !this.#controller.aborted) {
      // It was decided on the status already; how its content ended does not matter.
      this.#conclude(controller)
      return
    }
    const cannot = this.#controller.aborted || isDisturbed(this.#options.body) || (this.#isForwarded && !this.#canResume)
    if (cannot) {
      this.#handler.onResponseError?.(this.#controller, error)
      return
    }
    this.#count()
    this.#decide(error, (verdict) => {
      if (verdict) {
        this.#handler.onResponseError?.(this.#controller, verdict)
      } else {
        this.#retry()
      }
    })
  }

  // --- inside

  #count () {
    if (!this.#isCounted) {
      this.#isCounted = true
      this.#attempts++
    }
  }

  #error (message, statusCode, headers) {
    return new RequestRetryError(message, statusCode, { headers, data: { count: this.#attempts } })
  }

  // A response that was refused is over: with `throwOnError` the policy is asked only now.
  #conclude (controller) {
    if (this.#retryOptions.throwOnError) {
      this.onResponseError(controller, this.#refusal)
    } else {
      this.#retry()
    }
  }

  // Asks the policy. Its answer counts once, and not after an abort.
  #decide (error, answer) {
    this.#isDeciding = true
    const context = {
      state: { counter: this.#attempts },
      opts: { retryOptions: this.#retryOptions, ...this.#options }
    }
    const timer = this.#retryOptions.retry(error, context, (verdict) => {
      if (this.#isDeciding) {
        this.#isDeciding = false
        this.#timer = null
        answer(verdict)
      }
    })
    // A policy of the user's may return anything.
    this.#timer = this.#isDeciding ? timer ?? null : null
  }

  // The user's handler aborts while no exchange is there to be aborted.
  #abortWaiting (reason) {
    if (!this.#isDeciding) {
      return
    }
    this.#isDeciding = false
    this.#isOver = true
    this.#held = null
    clearTimeout(this.#timer)
    this.#timer = null
    this.#handler.onResponseError?.(this.#controller, reason ?? new RequestAbortedError())
  }

  #retry () {
    if (this.#start !== 0) {
      this.#options = { ...this.#options, headers: this.#rangeHeaders() }
    }
    this.#isCounted = false
    try {
      this.#dispatch(this.#options, this)
    } catch (error) {
      this.#handler.onResponseError?.(this.#controller, error)
    }
  }

  #rangeHeaders () {
    const given = this.#options.headers
    const added = [['range', `bytes=${this.#start}-${this.#end ?? ''}`]]
    if (this.#tag !== null) {
      added.push(['if-match', this.#tag])
    }
    const isReplaced = (name) => added.some(([key]) => key === lowerCaseName(name))
    return fieldsLike(given, [...pairsOf(given)].filter(([name]) => !isReplaced(name)).concat(added))
  }

  #forward (statusCode, headers, statusText) {
    this.#isForwarded = true
    this.#handler.onResponseStart?.(this.#controller, statusCode, headers, statusText)
  }

  // Where the content of a response begins and ends, so that its rest can be asked for.
  #checkpoint (statusCode, headers) {
    if (statusCode === 206) {
      const range = rangeOf(headers['content-range'])
      if (range === null || range.end === null) {
        return
      }
      this.#checkLength(range, statusCode, headers)
      this.#start = range.start
      this.#end = range.end
    } else {
      this.#end = this.#lastOffset(headers)
    }
    this.#canResume = true
    this.#tag = strongTagOf(headers)
  }

  #lastOffset (headers) {
    const length = Number(headers['content-length'] ?? NaN)
    return Number.isSafeInteger(length) && this.#options.method !== 'HEAD' ? length - 1 : null
  }

  #checkLength ({ start, end }, statusCode, headers) {
    const length = headers['content-length']
    if (length !== undefined && Number(length) !== end - start + 1) {
      throw this.#error('Content-Length mismatch', statusCode, headers)
    }
  }

  // The rest of a content has to be that of the same content, and to begin where it broke off.
  #checkContinuation (statusCode, headers) {
    if (statusCode !== 206 && (this.#start > 0 || statusCode !== 200)) {
      throw this.#error('server does not support the range header and the payload was partially consumed', statusCode, headers)
    }
    const range = rangeOf(headers['content-range'])
    if (range === null) {
      throw this.#error('Content-Range mismatch', statusCode, headers)
    }
    if (this.#tag !== null && this.#tag !== headers.etag) {
      throw this.#error('ETag mismatch', statusCode, headers)
    }
    if (range.end !== null) {
      this.#checkLength(range, statusCode, headers)
    }
    if (range.start !== this.#start || (this.#end !== null && range.end !== this.#end)) {
      throw this.#error('Content-Range mismatch', statusCode, headers)
    }
  }

  // A response with a status that is not one of success.
  #refuse (controller, statusCode, headers, statusText) {
    const { throwOnError, statusCodes } = this.#retryOptions
    const refusal = this.#error('Request failed', statusCode, headers)
    if (throwOnError && statusCodes.includes(statusCode)) {
      this.#refusal = refusal
      return
    }
    if (throwOnError || isDisturbed(this.#options.body)) {
      this.#forwardRefused(statusCode, headers, statusText)
      return
    }
    // This very exchange waits, whoever comes after it.
    controller.pause()
    this.#held = []
    this.#decide(refusal, (verdict) => {
      const held = this.#held
      this.#held = null
      if (verdict) {
        this.#forwardRefused(statusCode, headers, statusText)
      } else {
        this.#refusal = refusal
      }
      if (!this.#controller.wantsPause || !verdict) {
        controller.resume()
      }
      for (const event of held) {
        event(this)
      }
    })
  }

  #forwardRefused (statusCode, headers, statusText) {
    this.#end = this.#lastOffset(headers)
    this.#canResume = this.#end !== null
    this.#forward(statusCode, headers, statusText)
  }
}

module.exports = { RetryHandler }
