// Standard style for everything that is JavaScript here.

import neostandard from 'neostandard'

export default [
  ...neostandard({
    ignores: ['target/', '.cache/', 'lib/native/binding.js']
  }),
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs' },
    rules: {
      strict: ['error', 'global']
    }
  }
]
