delete from dynamic_partitions
where partition like 'page-20260101-%' and partition > current_setting('scale.last_kept');
update asset_keys set cached_status_data = null;
analyze dynamic_partitions;
