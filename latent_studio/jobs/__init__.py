"""Every long operation that a person can start, as a Qt-free function.

The window, the command line and the Python API call the same ones. Each takes plain arguments and
two keywords: ``emit`` receives events (:mod:`latent_studio.events`), ``token`` stops or pauses the
work (:class:`~latent_studio.mailbox.StopToken`); a stopped job raises
:class:`~latent_studio.errors.Cancelled`, except training, which saves and returns.
"""
