-- What retention does to the copies' partitions, in one statement: all after this one leave.
delete from dynamic_partitions where partition like 'scale-%%' and partition > %(last_kept)s || '~'
