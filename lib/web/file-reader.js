'use strict'

// A FileReader: a Blob, read with events. Node.js has none. Source: the File API (https://w3c.github.io/FileAPI/), as
// undici 5 and 6 have it.

const { assertCount, describe, string } = require('./idl')
const { parseMIMEType, serializeAMimeType } = require('./mime-type')

const states = { EMPTY: 0, LOADING: 1, DONE: 2 }
const events = ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']

class ProgressEvent extends Event {
  #loaded
  #total

  constructor (type, { loaded = 0, total = 0 } = {}) {
    super(type)
    this.#loaded = loaded
    this.#total = total
  }

  get lengthComputable () {
    return this.#total > 0
  }

  get loaded () {
    return this.#loaded
  }

  get total () {
    return this.#total
  }
}

describe(ProgressEvent, ['lengthComputable', 'loaded', 'total'])

function decoderFor (label) {
  try {
    return label === undefined ? null : new TextDecoder(label)
  } catch {
    return null
  }
}

// What octets begin with wins over what anybody says (the Encoding standard, "decode").
function markOf (octets) {
  const [first, second, third] = octets
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return 'utf-8'
  }
  return first === 0xfe && second === 0xff ? 'utf-16be' : first === 0xff && second === 0xfe ? 'utf-16le' : undefined
}

function charsetOf (type) {
  const parsed = parseMIMEType(type)
  return parsed === 'failure' ? undefined : parsed.parameters.get('charset')
}

// What each way to read makes of the octets.
const packages = {
  arrayBuffer: (octets) => octets.buffer,
  binaryString: (octets) => Buffer.from(octets.buffer).latin1Slice(),
  text (octets, type, encoding) {
    const decoder = decoderFor(markOf(octets)) ?? decoderFor(encoding) ?? decoderFor(charsetOf(type)) ?? new TextDecoder()
    return decoder.decode(octets)
  },
  dataURL (octets, type) {
    const parsed = parseMIMEType(type || 'application/octet-stream')
    const written = parsed === 'failure' ? '' : serializeAMimeType(parsed)
    return `data:${written};base64,${Buffer.from(octets.buffer).toString('base64')}`
  }
}

class FileReader extends EventTarget {
  #state = states.EMPTY
  #result = null
  #error = null
  #listeners = {}
  // Which of its readings counts.
  #turn = 0

  readAsArrayBuffer (blob) {
    assertCount('FileReader.readAsArrayBuffer', arguments, 1)
    this.#read(blob, packages.arrayBuffer)
  }

  readAsBinaryString (blob) {
    assertCount('FileReader.readAsBinaryString', arguments, 1)
    this.#read(blob, packages.binaryString)
  }

  readAsText (blob, encoding = undefined) {
    assertCount('FileReader.readAsText', arguments, 1)
    this.#read(blob, packages.text, encoding === undefined ? undefined : string(encoding))
  }

  readAsDataURL (blob) {
    assertCount('FileReader.readAsDataURL', arguments, 1)
    this.#read(blob, packages.dataURL)
  }

  /** Ends a reading that is under way. */
  abort () {
    this.#result = null
    if (this.#state === states.LOADING) {
      this.#state = states.DONE
      this.#turn++
      this.#tell('abort')
      this.#tellEnd()
    }
  }

  get readyState () {
    return this.#state
  }

  get result () {
    return this.#result
  }

  get error () {
    return this.#error
  }

  // --- inside

  #read (blob, pack, encoding) {
    if (!(blob instanceof Blob)) {
      throw new TypeError('Expected a Blob')
    }
    if (this.#state === states.LOADING) {
      throw new DOMException('Invalid state', 'InvalidStateError')
    }
    this.#state = states.LOADING
    this.#result = null
    this.#error = null
    this.#run(blob, pack, encoding, ++this.#turn)
  }

  async #run (blob, pack, encoding, turn) {
    const total = blob.size
    const isOver = () => turn !== this.#turn
    try {
      const octets = new Uint8Array(await blob.arrayBuffer())
      if (isOver()) return
      this.#tell('loadstart', { total })
      if (isOver()) return
      if (total > 0) {
        this.#tell('progress', { loaded: total, total })
        if (isOver()) return
      }
      this.#result = pack(octets, blob.type, encoding)
    } catch (error) {
      if (isOver()) return
      this.#error = error
    }
    this.#state = states.DONE
    this.#tell(this.#error === null ? 'load' : 'error', { loaded: total, total })
    this.#tellEnd({ loaded: total, total })
  }

  #tell (type, progress) {
    this.dispatchEvent(new ProgressEvent(type, progress))
  }

  // Unless a listener has begun to read again.
  #tellEnd (progress) {
    if (this.#state !== states.LOADING) {
      this.#tell('loadend', progress)
    }
  }

  static {
    for (const type of events) {
      Object.defineProperty(FileReader.prototype, `on${type}`, {
        get () {
          return this.#listeners[type] ?? null
        },
        set (listener) {
          this.removeEventListener(type, this.#listeners[type])
          this.#listeners[type] = typeof listener === 'function' ? listener : null
          if (this.#listeners[type] !== null) {
            this.addEventListener(type, listener)
          }
        },
        configurable: true
      })
    }
    for (const [name, value] of Object.entries(states)) {
      for (const target of [FileReader, FileReader.prototype]) {
        Object.defineProperty(target, name, { value, enumerable: true })
      }
    }
  }
}

describe(FileReader, [
  'readAsArrayBuffer', 'readAsBinaryString', 'readAsText', 'readAsDataURL', 'abort', 'readyState', 'result', 'error',
  ...events.map((type) => `on${type}`)
])

module.exports = { FileReader }
