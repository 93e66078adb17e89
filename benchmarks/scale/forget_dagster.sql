-- And to the events of those that left long ago.
delete from event_logs where partition like 'scale-%%' and partition > %(last_kept)s
