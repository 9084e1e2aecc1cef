#include "kismet/known_keys.h"

namespace stinky::kismet {
namespace {

// clang-format off
constexpr std::string_view keys[] = {
    "alert", "alertbacklog", "allowkeytransmit", "allowplugins", "apspoof", "btle_ignore_random", "btmanuf",
    "btmanuf_lookup", "btmanuffile", "btoid", "btoid_lookup", "btoidfile", "channel_hop",
    "channel_hop_speed", "configdir", "device_location_signal_threshold",
    "device_location_signal_threshold_dbm", "devicefound", "devicefound_timeout", "devicelost",
    "devicelost_timeout", "dot11_11d_country_full", "dot11_ap_only_survey", "dot11_ap_signal_from_beacon",
    "dot11_beacon_ie_fingerprint", "dot11_datasource_opt", "dot11_fingerprint_devices", "dot11_keep_eapol",
    "dot11_keep_ietags", "dot11_link_bssts", "dot11_max_signal", "dot11_probe_ie_fingerprint",
    "dot11_process_phy", "dot11_related_bss_window", "dot11_ssidscan_block_logging",
    "dot11_ssidscan_datasource", "dot11_ssidscan_dynamic_logging", "dot11_ssidscan_enabled",
    "dot11_ssidscan_ignore_after_handshake", "dot11_ssidscan_maximum_lock", "dot11_ssidscan_minimum_hop",
    "dot11_ssidscan_ssid", "dot11_view_accesspoints", "dot11_view_ssids", "enable_logging",
    "geiger_spectrum_history", "gps", "helper_binary_path", "httpd_allow_auth_creation",
    "httpd_allow_auth_view", "httpd_allow_cors", "httpd_allowed_origin", "httpd_auth_file",
    "httpd_bind_address", "httpd_home", "httpd_jwt_issuer", "httpd_jwt_key", "httpd_mime", "httpd_password",
    "httpd_port", "httpd_redirect_unknown", "httpd_session_db", "httpd_session_timeout", "httpd_uri_prefix",
    "httpd_user_home", "httpd_username", "icao_lookup", "icaofile", "include",
    "keep_location_cloud_history", "keep_per_datasource_stats", "kis_log_alert_timeout", "kis_log_alerts",
    "kis_log_channel_history", "kis_log_channel_history_rate", "kis_log_data_packets",
    "kis_log_datasource_rate", "kis_log_datasources", "kis_log_datasources_rate", "kis_log_device_filter",
    "kis_log_device_filter_default", "kis_log_device_rate", "kis_log_device_timeout", "kis_log_devices",
    "kis_log_duplicate_packets", "kis_log_ephemeral_dangerous", "kis_log_gps_track",
    "kis_log_message_timeout", "kis_log_messages", "kis_log_packet_filter", "kis_log_packet_filter_default",
    "kis_log_packet_timeout", "kis_log_packets", "kis_log_snapshot_timeout", "kis_log_system_status",
    "kis_log_system_status_rate", "kis_log_truncate_duplicates", "kismet_packet_threads", "load_alert",
    "log_config_present", "log_prefix", "log_template", "log_title", "log_types", "manuf_lookup",
    "mask_datasource_interface", "mask_datasource_type", "opt_include", "opt_override", "ouifile",
    "override_remote_timestamp", "packet_backlog_limit", "packet_backlog_warning", "packet_dedup_size",
    "packet_log_warning", "pcapng_log_data_packets", "pcapng_log_duplicate_packets", "pcapng_log_max_mb",
    "pcapng_ring_default_post_seconds", "pcapng_ring_dir", "pcapng_ring_file_count",
    "pcapng_ring_file_size_mb", "pcapng_ring_log_data_packets", "pcapng_ring_log_duplicate_packets",
    "pcapng_ring_persist_dir", "pcapng_ring_persist_max_age_days", "pcapng_ring_persist_max_total_mb",
    "pcapng_ring_persist_min_free_mb", "pcapng_ring_persist_prune_interval",
    "pcapng_ring_truncate_duplicate_packets", "pcapng_truncate_duplicate_packets",
    "pcspng_log_truncate_duplicates", "ppi_log_data_packets", "ppi_log_duplicate_packets", "prelude_alerts",
    "randomized_hopping", "remote_capture_enabled", "remote_capture_listen", "remote_capture_port",
    "retry_on_source_error", "rtl433_track_last", "server_announce", "server_announce_address",
    "server_announce_port", "server_description", "server_location", "server_name", "server_uuid",
    "servername", "source", "source_launch_delay", "source_launch_group", "source_stagger_threshold",
    "split_source_hopping", "ssidcanary", "tcp_buffer_kb", "track_device_phy_views", "track_device_rrds",
    "track_device_seenby_views", "tracker_device_packets", "tracker_device_presize",
    "tracker_device_timeout", "tracker_max_devices", "tzsp_allowed", "tzsp_buffer_kb", "tzsp_enable",
    "tzsp_listen", "tzsp_listen_port", "uav_match", "ulimit_mbytes", "wepkey", "wigle_log_throttle"
};

constexpr std::string_view sourceOptions[] = {
    "add_channels", "band24ghz", "band5ghz", "band6ghz", "block_channels", "channel", "channel_hop",
    "channel_hoprate", "channels", "default_ht20", "expand_ht20", "fcsfail", "filter_address",
    "filter_interface", "filter_locals", "filter_mgmt", "ht_channels", "ignoreprimary", "info_amp_gain",
    "info_amp_type", "info_antenna_beamwidth", "info_antenna_gain", "info_antenna_orientation",
    "info_antenna_type", "kill", "metagps", "name", "plcpfail", "pps", "realtime", "retry", "timestamp",
    "truncate_data", "type", "uuid", "verbose", "vht_channels", "vif"
};
// clang-format on

} // namespace

std::span<const std::string_view> knownKeys() noexcept {
    return keys;
}

std::span<const std::string_view> knownSourceOptions() noexcept {
    return sourceOptions;
}

} // namespace stinky::kismet
