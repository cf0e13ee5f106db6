import type { Link, Mail } from './mails.ts'

/** The text of a mail. The link stands after the paragraphs; if there is no page for it, the token does. */
export type Text = { subject: string; paragraphs: readonly string[]; link: Link | null; last: string }

/** The text of each mail. */
export function textOf(mail: Mail): Text {
  switch (mail.type) {
    case 'reset_link':
      return {
        subject: 'Set another password',
        paragraphs: [
          `Somebody asked for a link to set another password for the account ${mail.username}.`,
          'If it was you, use this link or token within one hour. It works once, and signs you out everywhere:',
        ],
        link: mail.link,
        last: 'If it was not you, you need not do anything: the password stays as it is.',
      }
    case 'password_due':
      return {
        subject: 'Choose another password',
        paragraphs: [
          `An administrator has had every device of the account ${mail.username} signed out. The old password can only be used to choose another one.`,
          'Choose another password with this link or token within one hour. It works once:',
        ],
        link: mail.link,
        last: 'If you do not know why, ask whoever runs this service.',
      }
    case 'password_reset':
      return {
        subject: 'Your password was changed',
        paragraphs: [
          `The account ${mail.username} has another password now. It was set with a link that somebody asked for, and every device was signed out.`,
        ],
        link: null,
        last: 'If it was not you, somebody else may read your mail. Ask for a new link, and tell whoever runs this service.',
      }
    case 'confirm_address':
      return {
        subject: 'Confirm your mail address',
        paragraphs: [
          `Somebody gave this as the mail address of the account ${mail.username}.`,
          'If it was you, confirm it within a day:',
        ],
        link: mail.link,
        last: 'If it was not you, you need not do anything: an address that is not confirmed is not used.',
      }
    case 'address_change':
      return {
        subject: 'Your mail address changes',
        paragraphs: [
          `Somebody who knows the password of the account ${mail.username} has asked to change or remove its mail address. Mails of the account will then no longer come here.`,
        ],
        link: null,
        last: 'If it was not you, change your password now.',
      }
    case 'invitation':
      return {
        subject: 'You are invited',
        paragraphs: [
          'You are invited to make an account. Use this link or token within seven days. It works once:',
        ],
        link: mail.link,
        last: 'If you do not know who invites you, you need not do anything.',
      }
  }
}
