import type { InputHTMLAttributes } from 'react'

type FieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> & {
  label: string
  onText: (text: string) => void
}

/** A required text field with its label. */
export function Field({ label, onText, ...input }: FieldProps) {
  return (
    <label>
      {label}
      <input required {...input} onChange={(event) => onText(event.target.value)} />
    </label>
  )
}
