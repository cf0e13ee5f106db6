interface ImportMetaEnv {
  /** The URL of the API, if it is not `/api`. */
  readonly VITE_API?: string
}
