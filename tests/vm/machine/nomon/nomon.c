/*
 * A Wi-Fi card that has no monitor mode, for the tests of the radio. mac80211_hwsim cannot be one: mac80211
 * gives every card a monitor mode. This one stands on cfg80211 alone, can be a station and no more, and
 * hears nothing.
 *
 * The kernel lends the functions that a driver needs to modules under the GPL only. So this one file may be
 * used under the GPL, version 2, as well as under the project's licence, the MIT licence.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include <net/cfg80211.h>

#define NAME "nomon"

static const u8 address[ETH_ALEN] = {0x02, 0x00, 0x00, 0x00, 0x4e, 0x00};

static struct ieee80211_channel channels[] = {
    {.band = NL80211_BAND_2GHZ, .center_freq = 2412, .hw_value = 1, .max_power = 20},
    {.band = NL80211_BAND_2GHZ, .center_freq = 2437, .hw_value = 6, .max_power = 20},
    {.band = NL80211_BAND_2GHZ, .center_freq = 2462, .hw_value = 11, .max_power = 20},
};

/* In units of 100 kbit/s: those that every card of this band must have. */
static struct ieee80211_rate rates[] = {{.bitrate = 10}, {.bitrate = 20}, {.bitrate = 55}, {.bitrate = 110}};

static struct ieee80211_supported_band band = {
    .band = NL80211_BAND_2GHZ,
    .channels = channels,
    .n_channels = ARRAY_SIZE(channels),
    .bitrates = rates,
    .n_bitrates = ARRAY_SIZE(rates),
};

/* Not left out: the old wireless extensions, which wpa_supplicant falls back to, call it without a look
 * whether it is there. */
static int nomon_scan(struct wiphy* wiphy, struct cfg80211_scan_request* request) {
    return -EOPNOTSUPP;
}

static int nomon_connect(struct wiphy* wiphy, struct net_device* dev,
                         struct cfg80211_connect_params* network) {
    return -EOPNOTSUPP;
}

static int nomon_disconnect(struct wiphy* wiphy, struct net_device* dev, u16 reason) {
    return 0;
}

static const struct cfg80211_ops wireless = {
    .scan = nomon_scan,
    .connect = nomon_connect,
    .disconnect = nomon_disconnect,
};

static netdev_tx_t nomon_send(struct sk_buff* frame, struct net_device* dev) {
    dev->stats.tx_dropped++;
    dev_kfree_skb(frame);
    return NETDEV_TX_OK;
}

static const struct net_device_ops network = {.ndo_start_xmit = nomon_send};

static struct wiphy* add_wiphy(struct device* parent) {
    struct wiphy* wiphy = wiphy_new(&wireless, 0);
    int error;

    if (!wiphy)
        return ERR_PTR(-ENOMEM);
    set_wiphy_dev(wiphy, parent);
    wiphy->interface_modes = BIT(NL80211_IFTYPE_STATION);
    wiphy->bands[NL80211_BAND_2GHZ] = &band;
    wiphy->max_scan_ssids = 1;
    memcpy(wiphy->perm_addr, address, ETH_ALEN);
    error = wiphy_register(wiphy);
    if (!error)
        return wiphy;
    wiphy_free(wiphy);
    return ERR_PTR(error);
}

static struct net_device* add_interface(struct wiphy* wiphy, struct device* parent) {
    struct net_device* dev = alloc_netdev(sizeof(struct wireless_dev), "wlan%d", NET_NAME_ENUM, ether_setup);
    struct wireless_dev* wdev;
    int error;

    if (!dev)
        return ERR_PTR(-ENOMEM);
    wdev = netdev_priv(dev);
    wdev->wiphy = wiphy;
    wdev->netdev = dev;
    wdev->iftype = NL80211_IFTYPE_STATION;
    dev->ieee80211_ptr = wdev;
    dev->netdev_ops = &network;
    eth_hw_addr_set(dev, address);
    SET_NETDEV_DEV(dev, parent);
    error = register_netdev(dev);
    if (!error)
        return dev;
    free_netdev(dev);
    return ERR_PTR(error);
}

static int __init nomon_probe(struct platform_device* card) {
    struct wiphy* wiphy = add_wiphy(&card->dev);
    struct net_device* dev;

    if (IS_ERR(wiphy))
        return PTR_ERR(wiphy);
    dev = add_interface(wiphy, &card->dev);
    if (IS_ERR(dev)) {
        wiphy_unregister(wiphy);
        wiphy_free(wiphy);
        return PTR_ERR(dev);
    }
    platform_set_drvdata(card, dev);
    return 0;
}

static int __exit nomon_remove(struct platform_device* card) {
    struct net_device* dev = platform_get_drvdata(card);
    struct wiphy* wiphy = dev->ieee80211_ptr->wiphy;

    unregister_netdev(dev);
    free_netdev(dev);
    wiphy_unregister(wiphy);
    wiphy_free(wiphy);
    return 0;
}

static struct platform_driver driver = {
    .driver = {.name = NAME},
    .remove = __exit_p(nomon_remove),
};
static struct platform_device* device;

static int __init nomon_init(void) {
    device = platform_create_bundle(&driver, nomon_probe, NULL, 0, NULL, 0);
    return PTR_ERR_OR_ZERO(device);
}

static void __exit nomon_exit(void) {
    platform_device_unregister(device);
    platform_driver_unregister(&driver);
}

module_init(nomon_init);
module_exit(nomon_exit);
MODULE_DESCRIPTION("Wi-Fi card without a monitor mode, for tests");
MODULE_LICENSE("Dual MIT/GPL");
